/** Walks the host's tree once: every cgroup placed by its path, every one that counts sampled where it stands. */
import type { Cgroups, Host } from '../edges/host.ts';
import { resolveClaims } from '../identify/claims.ts';
import { holdsOthers, roleOf } from '../identify/role.ts';
import type { CgroupVersion, RawCgroup, Skipped } from '../model/cgroup.ts';
import type { CgroupRole } from '../model/cgroup-role.ts';
import { defined } from '../model/defined.ts';
import { messageOf, type OnFault } from '../model/located-error.ts';
import type { Arcstats, Meminfo } from '../model/meminfo.ts';
import type { Observation } from '../model/observation.ts';
import type { Omitted } from '../model/report.ts';
import { parseArcstats } from './arcstats.ts';
import { sampleCgroup } from './cgroup.ts';
import { parseMeminfo } from './meminfo.ts';
import { Selection } from './selection.ts';

export interface Sampled {
  readonly observations: readonly Observation[];
  /** The node's own; absent where it was not asked for, or could not be read. */
  readonly meminfo?: Meminfo;
  /** Absent as well where there is no ZFS. */
  readonly arcstats?: Arcstats;
  /** What is left out on purpose. */
  readonly skipped: readonly Skipped[];
  /** Files and directories that could not be read or understood. */
  readonly faults: readonly Skipped[];
  /** Absent: no cgroup was left out for want of room. */
  readonly omitted?: Omitted;
}

function roleAt(raw: RawCgroup, version: CgroupVersion, { roles }: Selection): CgroupRole {
  const known = roles.get(raw.id);
  if (known !== undefined) return known;
  const role = isNamespaceRoot(raw, version) ? namespaceRoot : roleOf(raw.id.path);
  roles.set(raw.id, role);
  return role;
}

/** Inside a container on v2 the root is its own cgroup; only the host's has no usage. */
const isNamespaceRoot = (raw: RawCgroup, version: CgroupVersion): boolean =>
  version === 2 && raw.id.path === '/' && raw.read('memory.current') !== undefined;

const namespaceRoot: CgroupRole = { kind: 'other', type: 'slice', name: '/' };

/**
 * @param detailed read what only a report needs, too: further files, the node's own memory
 * @param selection of this host, from pass to pass
 */
export function sample(host: Host, detailed: boolean, selection = new Selection()): Sampled {
  const sampled = sampleCgroups(host.cgroups, detailed, selection);
  return detailed ? { ...sampled, ...sampleNode(host, sampled.faults) } : sampled;
}

/** The node's own files. @param others faults that stand behind those of these files */
function sampleNode(
  host: Host,
  others: readonly Skipped[],
): Pick<Sampled, 'meminfo' | 'arcstats' | 'faults'> {
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
  return { ...defined({ meminfo, arcstats }), faults: [...faults, ...others] };
}

function sampleCgroups(cgroups: Cgroups | undefined, detailed: boolean, selection: Selection): Sampled {
  if (cgroups === undefined) return { observations: [], skipped: [], faults: [] };
  let walked = walk(cgroups, detailed, selection);
  if (selection.isOverrun) walked = walk(cgroups, detailed, selection);
  const { omitted } = selection;
  const found = { ...walked, ...(omitted !== undefined && { omitted }) };
  // Peaks go by the cgroup alone: whose it is matters to a report.
  if (!detailed) return found;
  const { observations, refused } = resolveClaims(found.observations);
  return { ...found, observations, skipped: [...found.skipped, ...refused] };
}

function walk(cgroups: Cgroups, detailed: boolean, selection: Selection): Sampled {
  const { version, tree } = cgroups;
  const observations: Observation[] = [];
  const skipped: Skipped[] = [];
  const faults: Skipped[] = [];
  const unlisted = tree.walk((raw) => {
    const role = roleAt(raw, version, selection);
    selection.count(role);
    if (role.kind === 'skip') skipped.push({ cgroup: raw.id.path, why: role.why });
    // The root has no figures of its own: the node's come from /proc/meminfo.
    if (role.kind !== 'skip' && role.kind !== 'inner' && role.kind !== 'root') {
      const taken = sampleCgroup(raw, version, detailed);
      observations.push({ role, sample: taken });
      for (const why of taken.faults) faults.push({ cgroup: raw.id.path, why });
    }
    return holdsOthers(role);
  }, selection.begin(cgroups));
  return { observations, skipped, faults: [...faults, ...unlisted] };
}
