/** Checks the cgroup hierarchy, and what one pass over it found. */

import { noMemoryFiles } from '../account/memory.ts';
import { readText } from '../edges/files.ts';
import type { Host } from '../edges/host.ts';
import { cutMiddle } from '../layout/width.ts';
import { formatBytes } from '../model/bytes.ts';
import type { Skipped } from '../model/cgroup.ts';
import type { Condition, NodeMemory, NodeReport } from '../model/report.ts';
import { printable } from '../model/text.ts';
import { countedText } from '../report/conditions.ts';
import { type Check, fail, named, ok, warn } from './check.ts';

/** @param root the directory that represents the host's `/` */
export function checkCgroups({ cgroups, why = '' }: Pick<Host, 'cgroups' | 'why'>, root: string): Check {
  const name = 'cgroups';
  if (cgroups === undefined)
    return fail(
      name,
      isDisabled(root) ? `${why} /proc/cgroups says that it is disabled.` : why,
      "boot without cgroup_disable=memory; in a container, mount the host's /sys/fs/cgroup",
    );
  const { version, mountPoint, mountRoot } = cgroups;
  const part = mountRoot === '/' ? '' : `, only the part below ${mountRoot}`;
  const found = `version ${version} at ${mountPoint}, with the memory controller${part}`;
  return version === 2
    ? ok(name, found)
    : ok(name, `${found}. After an OOM kill of the node, version 1 can report a kill at the limit.`);
}

/** The line of the controller in /proc/cgroups: name, hierarchy, number of cgroups, enabled (cgroups(7)). */
function isDisabled(root: string): boolean {
  try {
    return /^memory\s+\d+\s+\d+\s+0$/m.test(readText(`${root}/proc/cgroups`, 65_536) ?? '');
  } catch {
    return false;
  }
}

/** Cells of a cgroup's path in a message. */
const longestPath = 50;

export function checkReport(report: NodeReport): readonly Check[] {
  const { skipped, conditions, node } = report;
  const without = skipped.filter(({ why }) => why.startsWith(noMemoryFiles));
  const faulty = skipped.filter((one) => !without.includes(one));
  return [
    ...checkFiles(faulty, conditions),
    ...(without.length === 0 ? [] : [checkServices(without)]),
    ...checkNames(report),
    ...(node === undefined ? [] : [checkSwap(node, report), checkHugePages(node)]),
  ];
}

function checkFiles(faulty: readonly Skipped[], conditions: readonly Condition[]): readonly Check[] {
  const name = 'memory files';
  const complete = conditions.find(({ type }) => type === 'Complete');
  if (complete?.reason === 'NoCgroups') return [];
  if (complete?.reason === 'TooMany')
    return [
      warn(
        name,
        complete.message,
        'find out who creates thousands of cgroups: find /sys/fs/cgroup -type d | wc -l',
      ),
    ];
  const [first] = faulty;
  if (first === undefined) return [ok(name, 'all can be read')];
  const message = `${countedText(faulty.length, 'fault')}; the first: ${first.cgroup}: ${first.why}`;
  return [
    faulty.some(({ why }) => /EACCES|EPERM/.test(why))
      ? fail(name, message, 'run as root, or as a user with read permission')
      : warn(name, message, 'realmem top -o yaml lists all in skipped'),
  ];
}

const checkServices = (without: readonly Skipped[]): Check =>
  warn(
    'services',
    `the memory controller is off for ${named(without.map(({ cgroup }) => cutMiddle(printable(cgroup), longestPath)))}: no figures for ${without.length === 1 ? 'it' : 'them'}`,
    'systemd: set MemoryAccounting=yes for the service',
  );

function checkNames({ containers, conditions }: NodeReport): readonly Check[] {
  const name = 'pod names';
  const pods = new Set(containers.map(({ podUID }) => podUID));
  if (containers.length === 0) return [ok(name, 'no pods on this machine')];
  const fresh = conditions.find(({ type }) => type === 'NamesFresh');
  // Without names no type is known.
  const unknown = fresh?.reason === 'NoSource' ? [] : containers.filter(({ type }) => type === 'unknown');
  return [
    fresh === undefined || fresh.status === 'True'
      ? ok(name, [countedText(pods.size, 'pod'), fresh?.message ?? []].flat().join(': '))
      : warn(
          name,
          `${countedText(pods.size, 'pod')}: ${fresh.message}`,
          fresh.reason === 'NoSource'
            ? 'kubectl get pods -A -o json > pods.json, then pass --pods pods.json'
            : 'write the file of pods again',
        ),
    ...(unknown.length === 0
      ? []
      : [
          warn(
            'container types',
            `the type of ${countedText(unknown.length, 'container')} is unknown: ${named(unknown.map(({ pod, id }) => `${pod ?? 'a pod'}/${id}`))}. It has just started, or the pods file is older than it.`,
            'write the file of pods again',
          ),
        ]),
  ];
}

function checkSwap(node: NodeMemory, { observed, containers }: NodeReport): Check {
  const { swapTotalBytes: total, swapUsedBytes: used } = node;
  if (total === undefined) return ok('swap', 'not known');
  if (total > 0)
    return ok(
      'swap',
      `${formatBytes(total)}${used === undefined ? '' : `, ${formatBytes(used)} in use`}. Real does not contain swapped pages.`,
    );
  const isApart = observed.cgroupVersion === 1 && containers.some(({ swapBytes = 0 }) => swapBytes > 0);
  return isApart
    ? ok('swap', 'none. On cgroup v1, ignore some kilobytes of swap: they come from two reads.')
    : ok('swap', 'none');
}

function checkHugePages({ hugePagesBytes: reserved, hugePagesUsedBytes: used }: NodeMemory): Check {
  if (reserved === undefined) return ok('huge pages', 'none reserved');
  const inUse = used === undefined ? '' : `, ${formatBytes(used)} in use`;
  return ok('huge pages', `${formatBytes(reserved)} reserved${inUse}. They count as real, used or not.`);
}
