/** Where each figure of `free` comes from: its line of `/proc/meminfo`, or a formula with the numbers in it. */
import type { FreeLine } from '../model/free.ts';
import { renderColumns } from './columns.ts';

export function whyLines(lines: readonly FreeLine[]): readonly string[] {
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
