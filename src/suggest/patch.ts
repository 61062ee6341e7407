/** Suggestions as `kubectl patch` commands for a person to run. realmem runs none of them. */
import { type ContainerKey, keyText } from '../model/container-key.ts';
import { type Confidence, isSure, type Suggestion, type Suggestions } from '../model/recommendation.ts';
import { daySeconds, formatSpan } from '../model/time.ts';
import { isName, ownerKindOf, splitWorkload } from '../pods/owner-kinds.ts';
import type { OwnerObject, RunningPod } from '../pods/pod-spec.ts';
import { beforeYouApply } from './doubt.ts';
import { needsNow } from './needs.ts';
import { ownerCommand } from './patch-owner.ts';
import { resizeCommand } from './patch-pod.ts';
import { comment, nameOfRow } from './patch-text.ts';
import { changes, reasonsText, rowsOfSuggestions, type SuggestionRow } from './rows.ts';

/** Why a person should review a command before running it; undefined: no doubt. */
export type Doubts = (suggestion: Suggestion) => string | undefined;

export interface PatchOptions {
  readonly doubts: Doubts;
  /** Suggestions with less confidence are left out and counted. */
  readonly least: Confidence;
  /** One resize command for each running pod, instead of one patch for each owner. */
  readonly inPlace?: boolean;
  /** The running pods. Absent: unknown. */
  readonly pods?: readonly RunningPod[];
  /** Owners as the API has them, by `ownerText`. Absent: not asked. */
  readonly owners?: ReadonlyMap<string, OwnerObject | 'missing'>;
  /** Minor version of the API server: 33 for 1.33. Absent: unknown. */
  readonly minor?: number;
}

export const ownerText = ({ namespace, workload }: Pick<ContainerKey, 'namespace' | 'workload'>): string =>
  keyText({ namespace, workload, container: '' });

function sureRows(suggestions: Suggestions, least: Confidence) {
  const all = rowsOfSuggestions(suggestions, 'name');
  const rows = all.filter((row) => changes(row) || row.suggestion.recommendation.learning !== undefined);
  // The whole pod's values have to fit its containers. While those are unsure, the containers stay as they are.
  const unsurePods = new Set(
    all.flatMap(({ suggestion: { key, recommendation, isWholePod } }) =>
      isWholePod && !isSure(recommendation, least) ? [ownerText(key)] : [],
    ),
  );
  const sure = rows.filter(
    ({ suggestion: { key, recommendation } }) =>
      isSure(recommendation, least) && !unsurePods.has(ownerText(key)),
  );
  const changed = sure.filter(changes);
  // In the first day only an OOM kill changes a value. A person who looks for that change must find it.
  const raised = rows.filter((row) => !sure.includes(row) && changes(row) && isRaise(row));
  return { all, changed, raised, leftOut: rows.length - sure.length - raised.length };
}

const isRaise = ({ suggestion }: SuggestionRow): boolean => suggestion.recommendation.learning !== undefined;

/** The workloads that get a command, or a comment. */
export const workloadsToPatch = (
  suggestions: Suggestions,
  least: Confidence,
): readonly Pick<ContainerKey, 'namespace' | 'workload'>[] => {
  const { changed, raised } = sureRows(suggestions, least);
  return [
    ...new Map([...changed, ...raised].map(({ suggestion: { key } }) => [ownerText(key), key])).values(),
  ];
};

/** The commands of one workload, with their reasons as comments. */
export interface WorkloadPatch {
  readonly namespace: string;
  readonly workload: string;
  readonly command: string;
}

/** A command is a comment where one node decides alone, or where the API server would refuse it. */
export function patchesOf(suggestions: Suggestions, options: PatchOptions): readonly WorkloadPatch[] {
  return patchesIn(sureRows(suggestions, options.least), options);
}

function patchesIn(
  { all, changed, raised }: ReturnType<typeof sureRows>,
  options: PatchOptions,
): readonly WorkloadPatch[] {
  const workloads = byWorkload(all);
  /** @param warningOn why the commands are commented out; undefined: they are not */
  const parts = (
    some: readonly SuggestionRow[],
    warningOn: (rows: readonly SuggestionRow[]) => string | undefined,
  ): readonly WorkloadPatch[] =>
    [...byWorkload(some)].map(([name, rows]) => {
      const { namespace, workload } = (rows[0] as SuggestionRow).suggestion.key;
      const commands = commandsOf(rows, workloads.get(name) ?? rows, options);
      const warning = warningOn(rows);
      const command =
        shortHistory(rows) + (warning === undefined ? commands : comment(warning) + commented(commands));
      return { namespace, workload, command };
    });
  const doubtOn = (rows: readonly SuggestionRow[]): string | undefined => {
    const doubt = rows.map(({ suggestion }) => options.doubts(suggestion)).find((one) => one !== undefined);
    return doubt && `Review before you run this: ${doubt}.`;
  };
  return [...parts(changed, doubtOn), ...parts(raised, () => ofYoung)];
}

export function renderPatches(suggestions: Suggestions, options: PatchOptions): string {
  const { least } = options;
  const found = sureRows(suggestions, least);
  const { all, changed, raised, leftOut } = found;
  const count = byWorkload(changed).size;
  const needs = needsNow(all).map(comment).join('');
  const head = `# ${count === 1 ? '1 workload' : `${count} workloads`} to change. realmem has applied nothing: review these commands, then run them.\n`;
  const left =
    leftOut === 0
      ? ''
      : `# Left out: ${leftOut === 1 ? '1 container' : `${leftOut} containers`} with less than ${least} confidence. --min-confidence low includes all.\n`;
  const toReview = [...changed, ...raised];
  const unknown = toReview.length === 0 ? '' : comment(beforeYouApply(toReview));
  const commands = patchesIn(found, options).map(({ command }) => command);
  return head + left + needs + unknown + commands.join('');
}

/** Says above a command that less than a day of history supports it, and how much does. */
function shortHistory(rows: readonly SuggestionRow[]): string {
  const seen = rows.flatMap((row) => {
    const { confidence, days, learning } = row.suggestion.recommendation;
    // While learning only an OOM kill changes a value, and the comment above such a command says so.
    if (confidence !== 'low' || learning !== undefined) return [];
    return [`${nameOfRow(row)} ${formatSpan(days * daySeconds)}`];
  });
  return seen.length === 0
    ? ''
    : comment(
        `Low confidence: history of only ${seen.join(', ')}. It may not include nights, peaks or jobs: first check each value that is lower than now.`,
      );
}

const ofYoung = 'Review before you run this: OOM killed, but less than a day of history.';

const byWorkload = (rows: readonly SuggestionRow[]): ReadonlyMap<string, readonly SuggestionRow[]> =>
  Map.groupBy(rows, ({ suggestion: { key } }) => ownerText(key));

const commented = (commands: string): string => commands.replaceAll(/^(?!#)(?=.)/gm, '# ');

/** @param all rows of the workload, including those without a change */
function commandsOf(
  rows: readonly SuggestionRow[],
  all: readonly SuggestionRow[],
  options: PatchOptions,
): string {
  const { key } = (rows[0] as SuggestionRow).suggestion;
  const { namespace, workload } = key;
  const [kind, name] = splitWorkload(workload);
  const title = `${namespace}/${workload}`;
  if (!rows.every(hasNames))
    return comment(`${title}: no command, because Kubernetes does not allow its name.`);
  const own = options.pods?.filter(
    (pod) => pod.namespace === namespace && pod.workload === workload && isName(pod.name),
  );
  if (options.inPlace) {
    if (own === undefined || own.length === 0)
      return comment(`${title}: no command, because no pod of it runs.`);
    const each = own.map((pod) => resizeCommand(rows, pod, `${namespace}/${pod.name}`, options.minor));
    return reasons(rows) + each.join('');
  }
  if ((kind === 'Pod' || ownerKindOf(kind) !== undefined) && !isName(name))
    return comment(`${title}: no command, because Kubernetes does not allow its name.`);
  const owner = options.owners?.get(ownerText(key));
  if (kind === 'Pod' && owner === 'missing')
    return comment(`${title}: no command, because the pod no longer exists.`);
  if (kind === 'Pod')
    return (
      reasons(rows) +
      resizeCommand(
        rows,
        own?.find((pod) => pod.name === name),
        title,
        options.minor,
      )
    );
  const known = {
    all,
    ...(owner !== undefined && { owner }),
    ...(own !== undefined && own.length > 0 && { pods: own }),
  };
  return reasons(rows) + ownerCommand(rows, known, title);
}

const hasNames = ({ suggestion: { key, isWholePod } }: SuggestionRow): boolean =>
  isName(key.namespace) && (isWholePod === true || isName(key.container));

const reasons = (rows: readonly SuggestionRow[]): string =>
  rows.map((row) => comment(`${nameOfRow(row)}: ${reasonsText(row.suggestion)}`)).join('');
