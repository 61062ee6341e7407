/** The node as `free` showed it when the founding document was written, and the honest figures beside it. */
import { type Bytes, bytes, formatBytes, formatShare } from '../model/bytes.ts';
import type { FreeLine } from '../model/free.ts';
import type { NodeMemory } from '../model/report.ts';
import { whyLines } from './free-why.ts';

const kib = (value: Bytes | undefined): string =>
  value === undefined ? '-' : String(Math.floor(value / 1024));

/**
 * KiB, in the columns of `free` to 3.3.9.
 * @param why where each figure comes from, to stand below
 */
export function renderFree(node: NodeMemory, why: readonly FreeLine[] = []): string {
  const { swapTotalBytes, swapUsedBytes, asPublished } = node;
  const swapFree =
    swapTotalBytes === undefined || swapUsedBytes === undefined
      ? undefined
      : bytes(swapTotalBytes - swapUsedBytes);
  const line = (label: string, ...cells: readonly string[]): string =>
    [label, ...cells.map((cell) => cell.padStart(10))].join(' ');
  return `${[
    line('       ', 'total', 'used', 'free', 'shared', 'buffers', 'cached'),
    line(
      'Mem:   ',
      ...[
        node.totalBytes,
        node.usedBytes,
        node.freeBytes,
        node.sharedBytes,
        node.buffersBytes,
        node.cachedBytes,
      ].map(kib),
    ),
    line('-/+ buffers/cache:', kib(asPublished.realUsedBytes), kib(asPublished.realFreeBytes)),
    line('Swap:  ', ...[swapTotalBytes, swapUsedBytes, swapFree].map(kib)),
    '',
    ...honest(node),
    ...(why.length > 0 ? ['', ...whyLines(why)] : []),
  ].join('\n')}\n`;
}

function honest(node: NodeMemory): readonly string[] {
  const { realUsedBytes, realFreeBytes, availableBytes, totalBytes, sharedBytes, asPublished } = node;
  const figure = (label: string, value: Bytes | undefined, how: string): string =>
    `${label.padEnd(11)}${kib(value).padStart(12)}   ${(value === undefined ? '-' : formatBytes(value)).padStart(7)}   ${(
      (value === undefined ? undefined : formatShare(value, totalBytes, 1)) ?? '-'
    ).padStart(6)}   ${how}`;
  const hidden = realUsedBytes === undefined ? undefined : sharedBytes;
  return [
    figure('real used', realUsedBytes, 'used − buffers − (cached − shared)'),
    figure('real free', realFreeBytes, 'total − real used'),
    figure('available', availableBytes, "the kernel's own estimate"),
    ...(hidden === undefined || realUsedBytes === undefined
      ? []
      : [
          '',
          `-/+ buffers/cache counts ${formatBytes(hidden)} of tmpfs as free, though nobody can drop it:`,
          `${formatBytes(asPublished.realUsedBytes)} used there, ${formatBytes(realUsedBytes)} in truth.`,
        ]),
  ];
}
