/** Which cgroups of a host are read: all of them, or where there are too many the largest. */
import type { Cgroups } from '../edges/host.ts';
import { holdsOthers, roleOf } from '../identify/role.ts';
import { bytes } from '../model/bytes.ts';
import type { CgroupId } from '../model/cgroup.ts';
import { type CgroupRole, isWorkload } from '../model/cgroup-role.ts';
import type { Omitted } from '../model/report.ts';
import { readUsage } from './cgroup.ts';

/** Pods and containers in them come first, then containers and machines outside pods, then services and slices. */
const groups = ['inPods', 'containers', 'groups', 'withoutFigures'] as const;
type Group = (typeof groups)[number];

/** How many cgroups of each kind are read: what the heap of the image holds with the reports of them. */
const most: Readonly<Record<Group, number>> = {
  inPods: 2_000,
  containers: 500,
  groups: 500,
  withoutFigures: 500,
};

/** For people. */
export const limits = `${most.inPods} in pods, ${most.containers} containers and ${most.groups} services and slices outside pods`;

/** How many directories one survey visits. */
const mostSurveyed = 100_000;

/** What is read already stays until another cgroup is this much larger: the set does not change with each pass. */
const staying = 1.25;

function groupOf(role: CgroupRole): Group {
  if (role.kind === 'skip' || role.kind === 'inner') return 'withoutFigures';
  if (role.kind !== 'other') return 'inPods';
  return isWorkload(role.type) ? 'containers' : 'groups';
}

interface Choice {
  /** The paths of those that are read. Undefined: all are. */
  readonly chosen: ReadonlySet<string> | undefined;
  readonly omitted: Omitted | undefined;
}

type Counts = Record<Group, number>;
const none = (): Counts => ({ inPods: 0, containers: 0, groups: 0, withoutFigures: 0 });

/**
 * Usage is hierarchical: what holds a cgroup is as large as it, so that the largest always hang together, and the
 * memory of those left out is counted in what holds them. A host with fewer is surveyed once, at the start. On others
 * the survey goes on in each pass, a part at a time: visiting 10,000 cgroups takes as long as a probe may wait.
 */
export class Selection {
  /** Of the cgroups of earlier walks: a path means the same as long as the cgroup lives. */
  readonly roles = new WeakMap<CgroupId, CgroupRole>();
  private readonly visitsPerPass: number;
  private choice: Choice = { chosen: undefined, omitted: undefined };
  private survey: Iterator<undefined, Choice> | undefined;
  /** Nothing is known of the tree yet, or more came than there is room for. */
  private isDue = true;
  /** How many the last walk read, this one so far, and of these the ones that are new. */
  private last = none();
  private now = none();
  private admitted = none();
  private admits = this.admitter();

  /** @param visitsPerPass how many directories a pass visits to keep a choice up to date */
  constructor(visitsPerPass = Number.POSITIVE_INFINITY) {
    this.visitsPerPass = visitsPerPass;
  }

  get omitted(): Omitted | undefined {
    return this.choice.omitted;
  }

  /** Begins a walk. @returns which of the cgroups that the walk finds are read */
  begin(cgroups: Cgroups): (path: string) => boolean {
    this.last = this.now;
    this.now = none();
    this.admitted = none();
    if (this.isDue || this.choice.chosen !== undefined) {
      this.survey ??= survey(cgroups, this.choice.chosen);
      this.goOn(this.isDue ? Number.POSITIVE_INFINITY : this.visitsPerPass);
      this.isDue = false;
    }
    return this.admits;
  }

  /** Of every cgroup that the walk reads. */
  count(role: CgroupRole): void {
    this.now[groupOf(role)]++;
  }

  /** Whether the walk found more than there is room for: made again, it reads the largest. */
  get isOverrun(): boolean {
    return this.isDue;
  }

  private goOn(visits: number): void {
    for (let visit = 0; visit < visits && this.survey !== undefined; visit++) {
      const step = this.survey.next();
      if (step.done !== true) continue;
      this.survey = undefined;
      this.choice = step.value;
      // Without a choice the tree asks anew about every cgroup: none is counted already.
      this.last = none();
      for (const path of this.choice.chosen ?? []) this.last[groupOf(roleOf(path))]++;
      this.admits = this.admitter();
    }
  }

  /** One for each choice. A cgroup that came after it is read if there is room; a service waits for the next choice. */
  private admitter(): (path: string) => boolean {
    const { chosen } = this.choice;
    return (path) => {
      if (chosen?.has(path) === true) return true;
      const group = groupOf(roleOf(path));
      if (chosen !== undefined && (group === 'groups' || group === 'withoutFigures')) return false;
      if (this.last[group] + this.admitted[group] < most[group]) {
        this.admitted[group]++;
        return true;
      }
      this.isDue ||= chosen === undefined;
      return false;
    };
  }
}

/** One cgroup, once all below it is known. */
interface Surveyed {
  readonly path: string;
  readonly usage: number;
  readonly group: Group;
  /** The number of the first of its own group and those below it: what holds a pod is as important as the pod. */
  rank: number;
  /** The largest of its own and those below it. */
  score: number;
  /** The usage of those right below it. */
  children: number;
}

/** Larger ones first in each rank; of equal ones the parent first, whose path is the beginning of the other. */
const byOrder = (a: Surveyed, b: Surveyed): number =>
  a.rank - b.rank || b.score - a.score || (a.path < b.path ? -1 : 1);

/** @param kept what is read so far */
function* survey(
  { version, tree }: Cgroups,
  kept: ReadonlySet<string> | undefined,
): Generator<undefined, Choice> {
  const found = none();
  const largest: Record<Group, Surveyed[]> = { inPods: [], containers: [], groups: [], withoutFigures: [] };
  const above: Surveyed[] = [];
  const end = (one: Surveyed): void => {
    above.pop();
    const parent = above.at(-1);
    if (parent !== undefined) {
      parent.children += one.usage;
      parent.score = Math.max(parent.score, one.score);
      parent.rank = Math.min(parent.rank, one.rank);
    }
    const list = largest[one.group];
    list.push(one);
    if (list.length > 2 * most[one.group]) largest[one.group] = list.sort(byOrder).slice(0, most[one.group]);
  };
  let visited = 0;
  let goesBelow = false;
  for (const raw of tree.scan(() => goesBelow)) {
    const { path } = raw.id;
    for (let last = above.at(-1); last !== undefined && !isBelow(path, last.path); last = above.at(-1))
      end(last);
    const role = roleOf(path);
    const group = groupOf(role);
    const usage = group === 'withoutFigures' ? 0 : (readUsage(raw, version) ?? 0);
    const score = kept?.has(path) === true ? usage * staying : usage;
    above.push({ path, usage, group, rank: groups.indexOf(group), score, children: 0 });
    found[group]++;
    visited++;
    goesBelow = holdsOthers(role);
    if (visited >= mostSurveyed) break;
    yield;
  }
  for (let last = above.at(-1); last !== undefined; last = above.at(-1)) end(last);
  if (groups.every((group) => found[group] <= most[group])) return { chosen: undefined, omitted: undefined };
  const chosen = new Set<string>();
  let [missing, usageOfMissing] = [visited - found.withoutFigures, 0];
  const best = groups.flatMap((group) => largest[group].sort(byOrder).slice(0, most[group]));
  for (const { path, group, usage, children } of best.sort(byOrder)) {
    const isTop = chosen.size === 0;
    // Its parent can be missing where there are too many parents.
    if (!isTop && !chosen.has(parentOf(path))) continue;
    chosen.add(path);
    if (group !== 'withoutFigures') missing--;
    usageOfMissing += children - (isTop ? 0 : usage);
  }
  if (missing === 0) return { chosen, omitted: undefined };
  return {
    chosen,
    omitted: {
      count: missing,
      usageBytes: bytes(Math.max(0, usageOfMissing)),
      ...(visited >= mostSurveyed && { atLeast: true as const }),
    },
  };
}

const isBelow = (path: string, above: string): boolean => above === '/' || path.startsWith(`${above}/`);

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';
