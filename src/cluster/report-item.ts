/** One NodeMemoryReport of the API → a node of the view. An agent of any version may have written it, so every field is checked. */
import type { Bytes } from '../model/bytes.ts';
import { type Fields, fieldsOf, isFields, listOf, textOf } from '../model/json.ts';
import type { Faults } from '../model/located-error.ts';
import { LocatedError } from '../model/located-error.ts';
import type { ContainerType } from '../model/pod.ts';
import { type Condition, verdicts } from '../model/report.ts';
import { clipped, compareText, printableUpTo } from '../model/text.ts';
import { epochSeconds } from '../model/time.ts';
import type { Pool } from './pool.ts';
import { type ContainerView, type NodeView, type PodView, wholeOf } from './view.ts';

/** Characters. The definition of the reports allows no longer ones. */
const longestName = 253;
const longestWorkload = 512;
const longestMessage = 2048;
const longestTime = 64;
/** An agent writes fewer than ten. */
const mostConditions = 32;

/** A report is stale after the longer of these. */
const staleMs = 11 * 60_000;
const stalePeriods = 3;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Where a view keeps a size, and the field of the report that has it. */
type Sizes<View> = readonly (readonly [keyof View & string, string])[];

const nodeSizes = [
  ['capacity', 'capacity'],
  ['real', 'real'],
  ['used', 'used'],
  ['available', 'available'],
  ['workingSet', 'workingSet'],
] as const satisfies Sizes<NodeView>;
const podSizes = [
  ['real', 'real'],
  ['request', 'request'],
  ['limit', 'limit'],
] as const satisfies Sizes<PodView>;
const containerSizes = [
  ['real', 'real'],
  ['peak', 'peak'],
  ['usage', 'usage'],
  ['workingSet', 'workingSet'],
  ['request', 'request'],
  ['limit', 'limit'],
  ['suggestRequest', 'suggest'],
  ['suggestLimit', 'suggestLimit'],
] as const satisfies Sizes<ContainerView>;

/** Those of a report. A sandbox has no name and is in none. */
const containerTypes: readonly ContainerType[] = ['container', 'init', 'sidecar', 'ephemeral', 'unknown'];
const statuses = ['True', 'False', 'Unknown'] as const;

/** Namespaces to remember. */
const mostNamespaces = 20_000;

interface Reading {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Only pods of this namespace. Undefined: of all. */
  readonly namespace: string | undefined;
  /** Gets the namespace of each pod, also of those that are left out. */
  readonly namespaces?: Set<string>;
  readonly pool: Pool;
  /** Receives each value that cannot be read. The rest of the report is still used. */
  readonly faults: Faults;
  readonly shapes: readonly object[];
}

/**
 * Objects of the usual shapes of a container, for as long as reports are read. While a field has held only numbers, V8
 * stores each number in an object of its own. Once it has held a text, V8 shares the numbers of the pool: the heap is a
 * third smaller.
 */
export const containerShapes = (): readonly object[] =>
  [['verdict'], ['ooms', 'verdict']].map((last) => {
    const shape: Record<string, string> = { name: '' };
    for (const key of [...containerSizes.map(([key]) => key), ...last]) shape[key] = '';
    return shape;
  });

/** @throws LocatedError for an object without a name */
export function nodeOf(item: unknown, reading: Reading): NodeView {
  const report = fieldsOf(item);
  const name = nameIn(fieldsOf(report['metadata']), 'name');
  if (name === undefined)
    throw new LocatedError({
      where: 'a NodeMemoryReport',
      expected: `metadata.name of at most ${longestName} characters`,
      got: 'none',
    });
  return new ReportReader(name, reading).node(report);
}

class ReportReader {
  private readonly name: string;
  private readonly reading: Reading;

  constructor(name: string, reading: Reading) {
    this.name = name;
    this.reading = reading;
  }

  node(report: Fields): NodeView {
    const { now, namespace } = this.reading;
    const observed = fieldsOf(report['observed']);
    const at = textOf(observed['at']);
    const seconds = at === undefined || at.length > longestTime ? undefined : epochSeconds(at);
    if (seconds === undefined) this.wrong('observed.at', 'a time', observed['at']);
    const agent = textOf(observed['agent']);
    const period = observed['periodSeconds'];
    const periodMs = typeof period === 'number' && Number.isFinite(period) ? 1000 * period : 0;
    const omitted = this.count(report, 'omitted', '');
    const node: Writable<NodeView> = {
      name: this.name,
      from: 'report',
      ...(seconds !== undefined && { observedAt: 1000 * seconds }),
      // Without a time nobody can tell that it is fresh.
      isStale: seconds === undefined || now - 1000 * seconds > Math.max(staleMs, stalePeriods * periodMs),
      ...(agent !== undefined && agent.length <= longestName && { agent: this.reading.pool.text(agent) }),
      pods: exact(
        this.list(report, 'pods', '').flatMap((pod, index) => this.pod(pod, index, namespace) ?? []),
      ),
      ...(omitted > 0 && { omitted }),
      conditions: this.conditions(report),
    };
    this.sizes(node, nodeSizes, fieldsOf(report['node']), 'node.');
    return node;
  }

  private pod(fields: Fields, index: number, wanted: string | undefined): PodView | undefined {
    const where = `pods[${index}].`;
    const [namespace, name] = [this.named(fields, 'namespace', where), this.named(fields, 'name', where)];
    if (namespace === undefined || name === undefined) return undefined;
    const { namespaces } = this.reading;
    if (namespaces !== undefined && namespaces.size < mostNamespaces)
      namespaces.add(this.reading.pool.text(namespace));
    if (wanted !== undefined && namespace !== wanted) return undefined;
    const { pool } = this.reading;
    const workload = textOf(fields['workload']);
    const containers = exact(
      this.list(fields, 'containers', where).flatMap(
        (container, at) => this.container(container, `${where}containers[${at}].`) ?? [],
      ),
    );
    const pod: Writable<PodView> = {
      namespace: pool.text(namespace),
      name,
      node: this.name,
      ...(workload !== undefined && workload.length <= longestWorkload && { workload: pool.text(workload) }),
      ooms: this.count(fields, 'ooms', where),
      containers,
    };
    this.sizes(pod, podSizes, fields, where);
    for (const kind of ['request', 'limit'] as const) {
      // The report has the pod's own value only if it is another one than this sum.
      const whole = pod[kind] ?? wholeOf(containers, kind);
      if (whole !== undefined) pod[kind] = whole;
    }
    return pod;
  }

  private container(fields: Fields, where: string): ContainerView | undefined {
    const name = this.named(fields, 'name', where);
    if (name === undefined) return undefined;
    const container: Writable<ContainerView> = { name: this.reading.pool.text(name) };
    const type = this.oneOf(containerTypes, fields, 'type', where);
    if (type !== undefined) container.type = type;
    this.sizes(container, containerSizes, fields, where);
    const ooms = this.count(fields, 'ooms', where);
    if (ooms > 0) container.ooms = ooms;
    const verdict = this.oneOf(verdicts, fields, 'verdict', where);
    if (verdict !== undefined) container.verdict = verdict;
    return container;
  }

  /** Where kubectl wait reads them; older agents have them at the top. */
  private conditions(report: Fields): readonly Condition[] {
    const { pool } = this.reading;
    const status = fieldsOf(report['status']);
    const [from, where] = Array.isArray(status['conditions']) ? [status, 'status.'] : [report, ''];
    return this.list(from, 'conditions', where)
      .slice(0, mostConditions)
      .flatMap((fields, index) => {
        const at = `${where}conditions[${index}].`;
        const type = this.named(fields, 'type', at);
        const state = this.oneOf(statuses, fields, 'status', at);
        if (type === undefined || state === undefined) return [];
        const since = textOf(fields['lastTransitionTime']);
        return [
          {
            type: pool.text(type),
            status: state,
            reason: pool.text(clipped(textOf(fields['reason']) ?? '', longestName)),
            message: pool.text(clipped(textOf(fields['message']) ?? '', longestMessage)),
            ...(since !== undefined && since.length <= longestTime && { lastTransitionTime: since }),
          },
        ];
      });
  }

  private sizes<Key extends string>(
    view: Partial<Record<Key, Bytes>>,
    sizes: readonly (readonly [Key, string])[],
    fields: Fields,
    where: string,
  ): void {
    for (const [key, field] of sizes) {
      const value = fields[field];
      if (value === undefined || value === null) continue;
      const size = this.reading.pool.size(value);
      if (size === undefined) this.wrong(`${where}${field}`, 'a quantity such as 64Mi', value);
      else view[key] = size;
    }
  }

  /** A count. 0: absent, or not a count. */
  private count(fields: Fields, key: string, where: string): number {
    const value = fields[key];
    if (value === undefined || value === null) return 0;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    this.wrong(`${where}${key}`, 'a whole number from 0', value);
    return 0;
  }

  private named(fields: Fields, key: string, where: string): string | undefined {
    const name = nameIn(fields, key);
    if (name === undefined)
      this.wrong(`${where}${key}`, `a text of at most ${longestName} characters`, fields[key]);
    return name;
  }

  /** Undefined also for a value of a newer agent. */
  private oneOf<Word extends string>(
    words: readonly Word[],
    fields: Fields,
    key: string,
    where: string,
  ): Word | undefined {
    const value = fields[key];
    if (value === undefined || value === null) return undefined;
    const word = words.find((one) => one === value);
    if (word === undefined) this.wrong(`${where}${key}`, `one of ${words.join(', ')}`, value);
    return word;
  }

  private list(fields: Fields, key: string, where: string): readonly Fields[] {
    const value = fields[key];
    if (value !== undefined && value !== null && !Array.isArray(value))
      this.wrong(`${where}${key}`, 'a list', value);
    return listOf(value);
  }

  private wrong(where: string, expected: string, value: unknown): void {
    this.reading.faults.add({
      where: `NodeMemoryReport ${printableUpTo(longestName, this.name)}: ${where}`,
      expected,
      got: shown(value),
    });
  }
}

/** A list that grew keeps room for 16 more. This is a tenth of the memory of a large cluster. */
const exact = <Value>(list: readonly Value[]): readonly Value[] => [...list];

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return isFields(value) ? 'an object' : JSON.stringify(value);
}

function nameIn(fields: Fields, key: string): string | undefined {
  const name = textOf(fields[key]);
  return name === undefined || name.length > longestName ? undefined : name;
}

export const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  compareText(a.name, b.name);
