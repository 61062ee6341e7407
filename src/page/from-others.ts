/** Cgroups outside pods for the page: none contains another one, so their memory adds up. */
import { isWorkload } from '../model/cgroup-role.ts';
import type { NodeReport, OtherReport } from '../model/report.ts';
import type { PageOther } from './data.ts';
import { pageUsageOf } from './from-usage.ts';

/** Containers and other workloads first, then services. A slice only groups them. */
export function othersOf({ metadata, pods, others }: NodeReport): readonly PageOther[] {
  const chosen = new Paths(pods.map(({ cgroup }) => cgroup));
  const take = (some: readonly OtherReport[]): readonly OtherReport[] =>
    // From the top down: a service of a user contains that user's services.
    some.toSorted((a, b) => depthOf(a) - depthOf(b)).filter(({ cgroup }) => chosen.add(cgroup));
  const workloads = take(others.filter(({ type }) => isWorkload(type)));
  const services = take(others.filter(({ type }) => type === 'service'));
  return [...workloads, ...services].map((other) => ({
    ...pageUsageOf(other),
    node: metadata.name,
    type: other.type,
    name: other.containerName === undefined ? other.name : `${other.containerName} (${other.runtime})`,
  }));
}

const depthOf = ({ cgroup }: OtherReport): number => cgroup.split('/').length;

/** Paths of cgroups of which none contains another one. */
class Paths {
  private readonly paths = new Set<string>();
  private readonly above = new Set<string>();

  constructor(paths: readonly string[]) {
    for (const path of paths) this.add(path);
  }

  /** @returns whether it was added: it contains none of the paths, and none contains it */
  add(path: string): boolean {
    const parents = parentsOf(path);
    if (this.above.has(path) || [path, ...parents].some((one) => this.paths.has(one))) return false;
    this.paths.add(path);
    for (const one of parents) this.above.add(one);
    return true;
  }
}

/** `/a/b` → `/a`. The root is no parent: it contains every cgroup. */
const parentsOf = (path: string): readonly string[] => {
  const parts = path.split('/');
  return parts.slice(2).map((_, index) => parts.slice(0, index + 2).join('/'));
};
