/** Chooses the cgroups that a pass reads: all of them, or the largest if the host has too many. */

import type { Cgroups } from '../edges/host.ts';
import { holdsOthers, roleOf } from '../identify/role.ts';
import { bytes } from '../model/bytes.ts';
import {
  CgroupGone,
  type CgroupId,
  type CgroupVersion,
  isBelow,
  parentOf,
  type RawCgroup,
} from '../model/cgroup.ts';
import { type CgroupRole, isWorkload } from '../model/cgroup-role.ts';
import type { Omitted } from '../model/report.ts';
import { compareText } from '../model/text.ts';
import { readUsage } from './cgroup.ts';

/**
 * In order of priority: pods and their containers, then containers and machines outside pods, then services and slices,
 * then cgroups that only hold others.
 */
const groups = ['inPods', 'containers', 'groups', 'withoutFigures'] as const;
type Group = (typeof groups)[number];

/** The most cgroups of each group that a pass reads. The heap of the image holds that many, with their reports. */
const most: Readonly<Record<Group, number>> = {
  inPods: 2_000,
  containers: 500,
  groups: 500,
  withoutFigures: 500,
};

/** These limits as a text for people. */
export const limits = `${most.inPods} in pods, ${most.containers} containers and ${most.groups} services and slices outside pods`;

/** The most directories that one survey visits. */
const mostSurveyed = 100_000;

/** A chosen cgroup stays until another one is this many times larger. Otherwise the choice would change in each pass. */
const stayFactor = 1.25;

/** In a cgroup namespace (v2) the root is the container's own cgroup and has a usage. The root of the host has none. */
const isNamespaceRoot = (raw: RawCgroup, version: CgroupVersion): boolean =>
  version === 2 && raw.id.path === '/' && raw.read('memory.current') !== undefined;

const namespaceRoot: CgroupRole = { kind: 'other', type: 'slice', name: '/' };

function groupOf(role: CgroupRole): Group {
  if (role.kind === 'skip' || role.kind === 'inner') return 'withoutFigures';
  if (role.kind !== 'other') return 'inPods';
  return isWorkload(role.type) ? 'containers' : 'groups';
}

interface Choice {
  /** Paths of the cgroups to read. Undefined: read all. */
  readonly chosen: ReadonlySet<string> | undefined;
  readonly omitted: Omitted | undefined;
}

type Counts = Record<Group, number>;
const none = (): Counts => ({ inPods: 0, containers: 0, groups: 0, withoutFigures: 0 });

/**
 * The choice for one host, from pass to pass, and the roles found so far.
 *
 * Usage is hierarchical: a parent is at least as large as its children. So the largest cgroups always form one tree, and
 * their parents' usage includes the cgroups left out. A host within the limits is surveyed once, at the start. On a
 * larger host each pass surveys some more directories: visiting 10,000 at once would block a probe until its timeout.
 */
export class Selection {
  /** A cgroup keeps its role as long as it lives, so each role is found once. */
  private readonly roles = new WeakMap<CgroupId, CgroupRole>();
  private readonly visitsPerPass: number;
  private choice: Choice = { chosen: undefined, omitted: undefined };
  private survey: Iterator<undefined, Choice> | undefined;
  /** A whole survey is due: the tree is unknown yet, or has more new cgroups than the limits allow. */
  private isDue = true;
  /** How many cgroups the last walk read. */
  private last = none();
  /** How many cgroups this walk has read so far. */
  private now = none();
  /** How many of these are new. */
  private admitted = none();
  private admits = this.admitter();

  /** @param visitsPerPass the most directories that each pass surveys, while a choice is in force */
  constructor(visitsPerPass = Number.POSITIVE_INFINITY) {
    this.visitsPerPass = visitsPerPass;
  }

  get omitted(): Omitted | undefined {
    return this.choice.omitted;
  }

  /** The role of a cgroup; `inner` and `skip` have no figures. */
  roleAt(raw: RawCgroup, version: CgroupVersion): CgroupRole {
    const known = this.roles.get(raw.id);
    if (known !== undefined) return known;
    const role = isNamespaceRoot(raw, version) ? namespaceRoot : roleOf(raw.id.path);
    this.roles.set(raw.id, role);
    return role;
  }

  /** Begins a walk. @returns whether the walk reads the cgroup at a path */
  begin(cgroups: Cgroups): (path: string) => boolean {
    this.last = this.now;
    this.now = none();
    this.admitted = none();
    if (this.isDue || this.choice.chosen !== undefined) {
      this.survey ??= survey(cgroups, this.choice.chosen);
      this.continueSurvey(this.isDue ? Number.POSITIVE_INFINITY : this.visitsPerPass);
      this.isDue = false;
    }
    return this.admits;
  }

  /** Counts a cgroup that the walk reads. */
  count(role: CgroupRole): void {
    this.now[groupOf(role)]++;
  }

  /** Whether the walk found more cgroups than the limits allow. A second walk then reads the largest. */
  get isOverrun(): boolean {
    return this.isDue;
  }

  private continueSurvey(visits: number): void {
    for (let visit = 0; visit < visits && this.survey !== undefined; visit++) {
      const step = this.survey.next();
      if (step.done !== true) continue;
      this.survey = undefined;
      this.choice = step.value;
      // A walk that reads all asks about every cgroup again, so none of them counts yet.
      this.last = none();
      for (const path of this.choice.chosen ?? []) this.last[groupOf(roleOf(path))]++;
      this.admits = this.admitter();
    }
  }

  /** Decides by the current choice. A pod or container newer than the choice is read if the limits allow; a service waits. */
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

/** One cgroup of the survey; complete once the survey has left its subtree. */
interface Surveyed {
  readonly path: string;
  /** Bytes. */
  readonly usage: number;
  readonly group: Group;
  /** Priority, 0 first: that of the most important group in its subtree. The parent of a pod ranks like the pod. */
  rank: number;
  /** The largest usage in its subtree, in bytes; chosen cgroups get a bonus (`stayFactor`). */
  score: number;
  /** The usage of its children, in bytes. */
  children: number;
}

/** By rank, then the largest first. Of equal ones the parent comes first: its path is a prefix of the child's. */
const byOrder = (a: Surveyed, b: Surveyed): number =>
  a.rank - b.rank || b.score - a.score || compareText(a.path, b.path);

/** Surveys the tree, one directory per step. @param kept the paths of the choice now in force */
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
    const usage = group === 'withoutFigures' ? 0 : usageUnlessGone(raw, version);
    const score = kept?.has(path) === true ? usage * stayFactor : usage;
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
    // Skip a cgroup whose parent was not chosen. That happens if there are too many parents.
    if (!isTop && !chosen.has(parentOf(path) ?? path)) continue;
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

function usageUnlessGone(raw: RawCgroup, version: CgroupVersion): number {
  try {
    return readUsage(raw, version) ?? 0;
  } catch (error) {
    if (error instanceof CgroupGone) return 0;
    throw error;
  }
}
