/** Containers whose values are too low so far, while their history is too short to suggest other values. */
import { formatRounded as size } from '../model/bytes.ts';
import { printable } from '../model/text.ts';
import { isName, splitWorkload } from '../pods/owner-kinds.ts';
import type { SuggestionRow } from './rows.ts';

const listed = 3;

/** One sentence for each such container, with the command that prints the values for its workload. */
export function needsNow(rows: readonly SuggestionRow[]): readonly string[] {
  const needing = rows.flatMap((row) => needsSentence(row) ?? []);
  const more = needing.length - listed;
  return [
    ...needing.slice(0, listed),
    ...(more > 0
      ? [`${more} more ${more === 1 ? 'container needs' : 'containers need'} more so far: --why names them.`]
      : []),
  ];
}

function needsSentence({ suggestion: { key, setting, recommendation } }: SuggestionRow): string | undefined {
  const needs = recommendation.learning?.needs;
  if (needs === undefined) return undefined;
  const parts = (['request', 'limit'] as const).flatMap((what) => {
    const least = needs[what];
    return least === undefined ? [] : [`${what} at least ${size(least)}, now ${size(setting[what] ?? 0)}`];
  });
  const where = [key.namespace, key.workload, key.container].filter((part) => part !== '');
  return `${printable(where.join('/'))} needs more so far: ${parts.join('; ')}.${commandFor(key)}`;
}

/** Names come from nodes. A shell could run the rest of a forged name as a command. */
function commandFor({ namespace, workload }: SuggestionRow['suggestion']['key']): string {
  const [kind, name] = splitWorkload(workload);
  if (!(isName(namespace) && isName(name) && isName(kind.toLowerCase()))) return '';
  return ` For its command, run: kubectl realmem suggest -n ${namespace} ${workload.toLowerCase()} --min-confidence low -o patch`;
}
