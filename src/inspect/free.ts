/** The node as `free` showed it when the article was written, and the correct figures below. */

import { renderColumns } from '../layout/columns.ts';
import { type Bytes, bytes, formatBytes, formatShare } from '../model/bytes.ts';
import type { NodeMemory, NodeReport } from '../model/report.ts';
import { printable } from '../model/text.ts';
import { heldLines } from '../render/node-lines.ts';
import type { FreeLine } from './free-lines.ts';

const kib = (value: Bytes | undefined): string =>
  value === undefined ? '-' : String(Math.floor(value / 1024));

/**
 * In KiB, in the columns of `free` up to 3.3.9.
 * @param why the source of each figure, printed below the table
 * @param faults one message for each file that could not be read or parsed
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
    ...correctFigures(node),
    ...(why.length > 0 ? ['', ...whyLines(why)] : []),
    ...(faults.length > 0 ? ['', ...faults.map((fault) => `Could not read: ${printable(fault)}`)] : []),
  ].join('\n')}\n`;
}

/** Faults in the files of the node as a whole. */
export const faultsOfNode = ({ skipped }: NodeReport): readonly string[] =>
  skipped.flatMap(({ cgroup, why }) => (cgroup === '/' && why.includes('/proc/') ? [why] : []));

function correctFigures(node: NodeMemory): readonly string[] {
  const { realUsedBytes, realFreeBytes, availableBytes, totalBytes, sharedBytes, asPublished } = node;
  const figure = (label: string, value: Bytes | undefined, how: string): string =>
    `${label.padEnd(11)}${kib(value).padStart(12)}   ${(value === undefined ? '-' : formatBytes(value)).padStart(7)}   ${(
      (value === undefined ? undefined : formatShare(value, totalBytes, 1)) ?? '-'
    ).padStart(6)}   ${how}`;
  return [
    figure('real used', realUsedBytes, 'used − buffers − (cached − shared)'),
    ...heldLines(node).map((held) => `  includes ${held}`),
    figure('real free', realFreeBytes, 'total − real used'),
    figure('available', availableBytes, "the kernel's own estimate"),
    ...(sharedBytes === undefined || realUsedBytes === undefined || asPublished === undefined
      ? []
      : [
          '',
          `-/+ buffers/cache counts ${formatBytes(sharedBytes)} of tmpfs as free. The kernel cannot drop it.`,
          `It shows ${formatBytes(asPublished.realUsedBytes)} used. Real use is ${formatBytes(realUsedBytes)}.`,
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
