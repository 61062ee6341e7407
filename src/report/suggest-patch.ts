/** Suggestions as commands for a shell: what `kubectl` would have to be told. Nothing here runs them. */
import { type Confidence, isSure, type Suggestion, type Suggestions } from '../model/recommendation.ts';
import { printable } from '../model/text.ts';
import { changes, reasonsOf, rowsOfSuggestions, type SuggestionRow } from './suggestion-rows.ts';

/** A pod that runs now, and what it belongs to. */
export interface RunningPod {
  readonly namespace: string;
  readonly name: string;
  readonly workload: string;
}

/** Why no command should be run unread; undefined: nothing speaks against it. */
export type Doubts = (suggestion: Suggestion) => string | undefined;

type Template = (spec: object) => object;

const podTemplate: Template = (spec) => ({ spec: { template: { spec } } });

/** How an owner's definition holds its pods. */
const kinds: Readonly<Record<string, readonly [resource: string, Template]>> = {
  Deployment: ['deployment', podTemplate],
  StatefulSet: ['statefulset', podTemplate],
  DaemonSet: ['daemonset', podTemplate],
  ReplicaSet: ['replicaset', podTemplate],
  ReplicationController: ['replicationcontroller', podTemplate],
  CronJob: ['cronjob', (spec) => ({ spec: { jobTemplate: { spec: { template: { spec } } } } })],
};

/** Names come from nodes, and these lines go to a shell: what is no name of Kubernetes goes into no command. */
const isName = (text: string): boolean => /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(text);

const MiB = 2 ** 20;
const inMiB = (amount: number): string => `${Math.ceil(amount / MiB)}Mi`;

/**
 * A command for each owner; where one node alone decides it is a comment.
 * @param least what is of less confidence is left out, and counted
 * @param pods given: a command for each pod instead, which changes it where it runs
 */
export function renderPatches(
  suggestions: Suggestions,
  doubts: Doubts,
  least: Confidence,
  pods?: readonly RunningPod[],
): string {
  const rows = rowsOfSuggestions(suggestions, 'name').filter(
    (row) => changes(row) || row.suggestion.recommendation.learning !== undefined,
  );
  const sure = rows.filter(({ suggestion: { recommendation } }) => isSure(recommendation, least));
  const groups = Map.groupBy(sure, ({ suggestion: { key } }) =>
    JSON.stringify([key.namespace, key.workload]),
  );
  const parts = [...groups.values()].map((rows) => {
    const commands = pods === undefined ? ofOwner(rows) : ofPods(rows, pods);
    const doubt = rows.map(({ suggestion }) => doubts(suggestion)).find((one) => one !== undefined);
    return doubt === undefined
      ? commands
      : `# Not to be run unread: ${printable(doubt)}.\n${commented(commands)}`;
  });
  const head = `# ${groups.size === 1 ? '1 workload' : `${groups.size} workloads`} to change. Printing this applies nothing: read it, then run it.\n`;
  const unsure = rows.length - sure.length;
  const leftOut =
    unsure === 0
      ? ''
      : `# Left out: ${unsure === 1 ? '1 container' : `${unsure} containers`} of less than ${least} confidence; --min-confidence low has all.\n`;
  return head + leftOut + parts.join('');
}

const commented = (commands: string): string => commands.replaceAll(/^(?!#)(?=.)/gm, '# ');

function ofOwner(rows: readonly SuggestionRow[]): string {
  const { namespace, workload } = (rows[0] as SuggestionRow).suggestion.key;
  const [kind = '', name = ''] = split(workload);
  const title = `${printable(namespace)}/${printable(workload)}`;
  const known = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (!rows.every(hasNames) || !isName(name)) return note(title, 'its names are none of Kubernetes');
  if (kind === 'Pod')
    return `# ${title}: a pod of no owner is changed where it runs.\n${resize(namespace, name, rows)}`;
  if (known === undefined)
    return note(
      title,
      kind === 'Job'
        ? 'a job that exists cannot be changed: set it where it is made'
        : 'set it where its own kind has it',
    );
  const [resource, template] = known;
  const patch = JSON.stringify(template(specOf(rows)));
  return `${reasons(rows)}kubectl -n ${namespace} patch ${resource} ${name} --type strategic -p '${patch}'\n`;
}

function ofPods(rows: readonly SuggestionRow[], pods: readonly RunningPod[]): string {
  const { namespace, workload } = (rows[0] as SuggestionRow).suggestion.key;
  const title = `${printable(namespace)}/${printable(workload)}`;
  if (!rows.every(hasNames)) return note(title, 'its names are none of Kubernetes');
  const own = pods.filter(
    (pod) => pod.namespace === namespace && pod.workload === workload && isName(pod.name),
  );
  if (own.length === 0) return note(title, 'no pod of it runs');
  return own.map(({ name }) => resize(namespace, name, rows)).join('');
}

/** What has ended, as an init container, is not resized any more. */
function resize(namespace: string, name: string, rows: readonly SuggestionRow[]): string {
  const running = rows.filter(({ suggestion: { setting } }) => setting.type !== 'init');
  if (running.length === 0) return '';
  const patch = JSON.stringify({ spec: specOf(running) });
  return `kubectl -n ${namespace} patch pod ${name} --subresource resize --type strategic -p '${patch}'\n`;
}

const split = (workload: string): readonly string[] => {
  const slash = workload.indexOf('/');
  return [workload.slice(0, slash), workload.slice(slash + 1)];
};

const hasNames = ({ suggestion: { key } }: SuggestionRow): boolean =>
  isName(key.namespace) && isName(key.container);

const note = (title: string, why: string): string => `# ${title}: no command, ${why}.\n`;

/** The last one is what decided. */
const reasons = (rows: readonly SuggestionRow[]): string =>
  rows
    .map(
      ({ suggestion }) => `# ${suggestion.key.container}: ${printable(reasonsOf(suggestion).join('; '))}\n`,
    )
    .join('');

function specOf(rows: readonly SuggestionRow[]): object {
  const of = (wanted: (type: string) => boolean): object[] =>
    rows
      .filter(({ suggestion: { setting } }) => wanted(setting.type))
      .map(({ suggestion: { key }, request, limit }) => ({
        name: key.container,
        resources: {
          ...(request !== undefined && { requests: { memory: inMiB(request) } }),
          ...(limit !== undefined && { limits: { memory: inMiB(limit) } }),
        },
      }));
  const isInit = (type: string): boolean => type === 'init' || type === 'sidecar';
  const [containers, initContainers] = [of((type) => !isInit(type)), of(isInit)];
  return {
    ...(containers.length > 0 && { containers }),
    ...(initContainers.length > 0 && { initContainers }),
  };
}
