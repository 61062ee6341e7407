/** Walks the cgroup tree of the host once: finds the role of each cgroup by its path, and samples those with a role. */
import type { Descent } from '../edges/cgroup-tree.ts';
import type { Cgroups, Host } from '../edges/host.ts';
import { resolveClaims } from '../identify/claims.ts';
import { holdsOthers } from '../identify/role.ts';
import type { Bytes } from '../model/bytes.ts';
import {
  CgroupGone,
  type CgroupId,
  type CgroupVersion,
  isBelow,
  type RawCgroup,
  type RootCgroup,
  type Skipped,
} from '../model/cgroup.ts';
import type { CgroupRole } from '../model/cgroup-role.ts';
import { defined } from '../model/json.ts';
import { messageOf, type OnFault } from '../model/located-error.ts';
import type { Arcstats, Meminfo } from '../model/meminfo.ts';
import type { Observation } from '../model/observation.ts';
import type { Omitted } from '../model/report.ts';
import { parseArcstats } from './arcstats.ts';
import { readUsage, sampleCgroup, sampleWithUsage } from './cgroup.ts';
import { parseMeminfo } from './meminfo.ts';
import { type BriefSamples, ChildSums, isParentOnly } from './reuse/brief-samples.ts';
import type { NodeFeatures } from './reuse/kept-details.ts';
import type { Reuse } from './reuse/reuse.ts';
import { sampleRoot } from './root.ts';
import { Selection } from './selection.ts';

export interface Sampled {
  readonly observations: readonly Observation[];
  /** `/proc/meminfo` of the node. Absent after a brief pass, and if the file was unreadable. */
  readonly meminfo?: Meminfo;
  /** The ZFS cache. Absent after a brief pass, without ZFS, and if the file was unreadable. */
  readonly arcstats?: Arcstats;
  /** Absent after a brief pass, without cgroups, and if the hierarchy does not begin at `/`. */
  readonly root?: RootCgroup;
  /** Cgroups that were left out on purpose, each with the reason. */
  readonly skipped: readonly Skipped[];
  /** Files and directories that could not be read or parsed. */
  readonly faults: readonly Skipped[];
  /** The cgroups above the limits of `Selection`. Absent if all cgroups were read. */
  readonly omitted?: Omitted;
}

/**
 * One pass over the host. Reads and parse errors become `faults`; the pass itself does not fail.
 * @param detailed also read what only a report needs: more files of each cgroup, and the memory of the node
 * @param selection the host's own; pass the same one each time
 * @param reuse what earlier reports of this host read. A recording is read anew each time
 * @param at milliseconds since 1970
 * @param pods the pods of the node: another object once one of them changed
 */
export function sample(
  host: Host,
  detailed: boolean,
  selection = new Selection(),
  reuse?: Reuse,
  at = Number.NaN,
  pods?: object,
): Sampled {
  const reused = host.recording === undefined ? reuse : undefined;
  if (!detailed) return sampleCgroups(host.cgroups, false, selection, reused);
  reused?.kept.beginReport(at, pods);
  const sampled = sampleCgroups(host.cgroups, true, selection, reused);
  const node = sampleNode(host);
  if (reused !== undefined) reused.kept.features = featuresOf(host, node.meminfo);
  return { ...sampled, ...node, faults: [...node.faults, ...sampled.faults] };
}

function featuresOf({ cgroups }: Host, meminfo: Meminfo | undefined): NodeFeatures {
  const isSome = (amount: Bytes | undefined): boolean | undefined =>
    amount === undefined ? undefined : amount > 0;
  return {
    hugePageSizes: cgroups?.hugePageSizes,
    hasHugePages: isSome(meminfo?.hugetlb),
    hasSwap: isSome(meminfo?.swapTotal),
  };
}

/** Reads the files of the node itself. */
function sampleNode(host: Host): Pick<Sampled, 'meminfo' | 'arcstats' | 'faults'> {
  const faults: Skipped[] = [];
  const get = <Value>(
    read: () => ReturnType<Host['meminfo']>,
    parse: (file: string, text: Uint8Array, onFault: OnFault) => Value,
  ): Value | undefined => {
    try {
      const found = read();
      return (
        found && parse(found.file, found.text, ({ message }) => faults.push({ cgroup: '/', why: message }))
      );
    } catch (error) {
      faults.push({ cgroup: '/', why: messageOf(error) });
      return undefined;
    }
  };
  const meminfo = get(() => host.meminfo(), parseMeminfo);
  const arcstats = get(() => host.arcstats(), parseArcstats);
  return { ...defined({ meminfo, arcstats }), faults };
}

function sampleCgroups(
  cgroups: Cgroups | undefined,
  detailed: boolean,
  selection: Selection,
  reuse?: Reuse,
): Sampled {
  if (cgroups === undefined) return { observations: [], skipped: [], faults: [] };
  const pass = (): Sampled =>
    detailed || reuse === undefined
      ? walk(cgroups, detailed, selection, reuse)
      : walkBriefly(cgroups, selection, reuse.brief);
  let walked = pass();
  if (selection.isOverrun) walked = pass();
  const { omitted } = selection;
  const found = { ...walked, ...(omitted !== undefined && { omitted }) };
  // A brief pass only updates peaks, and these are kept by cgroup. Only a report needs to know the owner.
  if (!detailed) return found;
  reuse?.brief.reportRead(found.observations);
  const { observations, refused } =
    reuse?.claims.resolve(found.observations) ?? resolveClaims(found.observations);
  return { ...found, observations, skipped: [...found.skipped, ...refused] };
}

function walk(cgroups: Cgroups, detailed: boolean, selection: Selection, reuse: Reuse | undefined): Sampled {
  const { version, tree } = cgroups;
  const observations: Observation[] = [];
  const skipped: Skipped[] = [];
  const faults: Skipped[] = [];
  let root: RootCgroup | undefined;
  const unlisted = tree.walk((raw) => {
    const role = selection.roleAt(raw, version);
    selection.count(role);
    if (role.kind === 'skip') skipped.push({ cgroup: raw.id.path, why: role.why });
    if (detailed && raw.id.path === '/') root = rootOf(raw, version, faults);
    // The root cgroup of a host has no figures of its own. Those of the node come from /proc/meminfo.
    if (role.kind !== 'skip' && role.kind !== 'inner' && role.kind !== 'root') {
      const sampled = sampleCgroup(raw, version, detailed, reuse);
      observations.push({ role, sample: sampled });
      for (const why of sampled.faults) faults.push({ cgroup: raw.id.path, why });
    }
    return holdsOthers(role);
  }, selection.begin(cgroups));
  return { observations, ...defined({ root }), skipped, faults: [...faults, ...unlisted] };
}

/** A brief pass that takes what it can from earlier passes and from the sums over the children. */
function walkBriefly(cgroups: Cgroups, selection: Selection, brief: BriefSamples): Sampled {
  brief.begin();
  const { version, tree } = cgroups;
  const observations: Observation[] = [];
  const skipped: Skipped[] = [];
  const faults: Skipped[] = [];
  /** The parents of the cgroup that is visited now. */
  const parents: { readonly role: CgroupRole; readonly id: CgroupId; readonly sums: ChildSums }[] = [];
  const add = (observation: Observation, isSame: boolean): void => {
    observations.push(observation);
    const { sample } = observation;
    if (sample.faults.length > 0)
      for (const why of sample.faults) faults.push({ cgroup: sample.id.path, why });
    parents.at(-1)?.sums.add(sample, isSame);
  };
  const visit = (raw: RawCgroup): Descent => {
    const role = selection.roleAt(raw, version);
    selection.count(role);
    // A parent that disappeared meanwhile was not left.
    for (let last = parents.at(-1); last && !isBelow(raw.id.path, last.id.path); last = parents.at(-1))
      parents.pop();
    if (role.kind === 'skip') skipped.push({ cgroup: raw.id.path, why: role.why });
    if (role.kind === 'skip' || role.kind === 'inner' || role.kind === 'root') return holdsOthers(role);
    if (isParentOnly(role)) {
      parents.push({ role, id: raw.id, sums: new ChildSums() });
      return 'late';
    }
    const usage = readUsage(raw, version);
    const same = usage === undefined ? undefined : brief.same(raw.id, usage);
    const observation = same ?? { role, sample: sampleWithUsage(raw, version, usage) };
    if (same === undefined) brief.keep(observation);
    add(observation, same !== undefined);
    return holdsOthers(role);
  };
  const leave = (raw: RawCgroup, looked: boolean): boolean => {
    while (parents.at(-1)?.id !== raw.id) if (parents.pop() === undefined) return false;
    const { role, sums } = parents.at(-1) as (typeof parents)[number];
    const { id } = raw;
    const usage = readUsage(raw, version);
    const same = usage === undefined ? undefined : brief.sameParent(id, usage, sums);
    const stat = same !== undefined || usage === undefined ? undefined : brief.statOf(id, usage, sums);
    if (same === undefined && stat === undefined && !looked) return true;
    parents.pop();
    if (same !== undefined) add(same, true);
    else if (usage !== undefined && stat !== undefined) {
      const observation = { role, sample: { id, version, usage, stat, faults: [] } };
      brief.keepParent(observation);
      add(observation, false);
    } else {
      const observation = { role, sample: sampleWithUsage(raw, version, usage) };
      brief.keepRest(observation.sample, sums);
      brief.keepParent(observation);
      add(observation, false);
    }
    return false;
  };
  const unlisted = tree.walk(visit, selection.begin(cgroups), leave);
  return { observations, skipped, faults: [...faults, ...unlisted] };
}

function rootOf(raw: RawCgroup, version: CgroupVersion, faults: Skipped[]): RootCgroup | undefined {
  const say = (why: string) => faults.push({ cgroup: '/', why });
  try {
    return sampleRoot(raw, version, ({ message }) => say(message));
  } catch (error) {
    if (error instanceof CgroupGone) throw error;
    say(messageOf(error));
    return undefined;
  }
}
