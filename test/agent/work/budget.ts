/** The budget of a tick as text, for reviews. */
import type { Measured, Work } from './measure.ts';

/** Allocations vary a little with what V8 caches. */
export const tolerance = 0.01;

const allocated = 'least allocated';
const perPass = (amount: number, { passes }: Work): string =>
  (amount / passes).toFixed(1).replace(/\.0$/, '');

/** @param old the budget in force: its allocations stay if the measured ones are within the tolerance */
export function renderBudget({ sample, report }: Measured, heading: string, old: string): string {
  const row = (name: string, of: (work: Work) => number): readonly string[] => [
    name,
    perPass(of(sample), sample),
    perPass(of(report), report),
  ];
  const functions = [...new Set([sample, report].flatMap(({ calls }) => Object.keys(calls)))].sort();
  const rows = [
    ['', 'a sample', 'a report'],
    ...functions.map((name) => row(name, ({ calls }) => calls[name] ?? 0)),
    row('bytes read', ({ bytesRead }) => bytesRead),
    [allocated, ...allocations([sample, report], old)],
  ];
  const table = rows.map(([name = '', ...cells]) =>
    [name.padEnd(16), ...cells.map((cell) => cell.padStart(12))].join('').trimEnd(),
  );
  return `${heading}\n\n${table.join('\n')}\n`;
}

function allocations(works: readonly Work[], old: string): readonly string[] {
  const line = old.split('\n').find((one) => one.startsWith(allocated)) ?? '';
  const budgets = line.slice(allocated.length).trim().split(/\s+/).map(Number);
  return works.map(({ leastAllocated }, index) => {
    const budget = budgets[index] ?? Number.NaN;
    return String(
      Math.abs(leastAllocated - budget) <= tolerance * budget
        ? budget
        : Number(leastAllocated.toPrecision(3)),
    );
  });
}
