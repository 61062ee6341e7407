/** The node as `free` showed it when the founding document was written, and the honest figures beside it. */
import { type Bytes, bytes, formatBytes, formatShare } from '../model/bytes.ts';
import type { NodeMemory, NodeReport } from '../model/report.ts';
import { printable } from '../model/text.ts';
import { renderColumns } from '../render/columns.ts';
import { heldLines } from '../render/node-lines.ts';
import type { FreeLine } from './free-lines.ts';

const kib = (value: Bytes | undefined): string =>
  value === undefined ? '-' : String(Math.floor(value / 1024));

/**
 * KiB, in the columns of `free` to 3.3.9.
 * @param why where each figure comes from, to stand below
 * @param faults what is wrong with the files that they come from
 */
export function renderFree(
  node: NodeMemory,
  why: readonly FreeLine[] = [],
  faults: readonly string[] = [],
): string {
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
    line('-/+ buffers/cache:', kib(asPublished?.realUsedBytes), kib(asPublished?.realFreeBytes)),
    line('Swap:  ', ...[swapTotalBytes, swapUsedBytes, swapFree].map(kib)),
    '',
    ...honest(node),
    ...(why.length > 0 ? ['', ...whyLines(why)] : []),
    ...(faults.length > 0
      ? ['', ...faults.map((fault) => `Not read or not understood: ${printable(fault)}`)]
      : []),
  ].join('\n')}\n`;
}

/** What is wrong with the files of the node as a whole. */
export const faultsOfNode = ({ skipped }: NodeReport): readonly string[] =>
  skipped.flatMap(({ cgroup, why }) => (cgroup === '/' && why.includes('/proc/') ? [why] : []));

function honest(node: NodeMemory): readonly string[] {
  const { realUsedBytes, realFreeBytes, availableBytes, totalBytes, sharedBytes, asPublished } = node;
  const figure = (label: string, value: Bytes | undefined, how: string): string =>
    `${label.padEnd(11)}${kib(value).padStart(12)}   ${(value === undefined ? '-' : formatBytes(value)).padStart(7)}   ${(
      (value === undefined ? undefined : formatShare(value, totalBytes, 1)) ?? '-'
    ).padStart(6)}   ${how}`;
  return [
    figure('real used', realUsedBytes, 'used − buffers − (cached − shared)'),
    ...heldLines(node).map((held) => `  of it ${held}`),
    figure('real free', realFreeBytes, 'total − real used'),
    figure('available', availableBytes, "the kernel's own estimate"),
    ...(sharedBytes === undefined || realUsedBytes === undefined || asPublished === undefined
      ? []
      : [
          '',
          `-/+ buffers/cache counts ${formatBytes(sharedBytes)} of tmpfs as free, though nobody can drop it:`,
          `${formatBytes(asPublished.realUsedBytes)} used there, ${formatBytes(realUsedBytes)} in truth.`,
        ]),
  ];
}

function whyLines(lines: readonly FreeLine[]): readonly string[] {
  const text = renderColumns<FreeLine>(
    [
      { heading: 'FIGURE', cell: ({ name }) => name },
      { heading: 'KIB', right: true, cell: ({ kib }) => kib?.toString() },
      {
        heading: 'FROM',
        cell: ({ formula, numbers }) => (numbers === undefined ? formula : `${formula} = ${numbers}`),
      },
    ],
    lines,
    true,
  );
  return text.trimEnd().split('\n');
}
