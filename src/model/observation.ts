/** What one pass knows about a cgroup. Each stage of the pass adds fields. */
import type { CgroupSample } from './cgroup.ts';
import type { CgroupRole } from './cgroup-role.ts';
import type { ContainerName, Pod } from './pod.ts';
import type { Recommendation } from './recommendation.ts';
import type { Verdict } from './report.ts';
import type { MemoryUsage } from './usage.ts';

/** The name that a user gave a container: `docker run --name web`. */
export interface RuntimeName {
  readonly name: string;
  readonly runtime: 'docker' | 'podman' | 'nerdctl';
}

/** After sampling. */
export interface Observation {
  readonly role: CgroupRole;
  readonly sample: CgroupSample;
}

/** After identifying. */
export interface Identified extends Observation {
  readonly pod?: Pod;
  readonly container?: ContainerName;
  /** Of a container outside pods. Absent: it has none, or the files of its runtime are unreadable. */
  readonly runtimeName?: RuntimeName;
}

/** After accounting. */
export interface Accounted extends Identified {
  readonly usage: MemoryUsage;
}

/** After recommending. */
export interface Judged extends Accounted {
  readonly verdict?: Verdict;
  readonly recommendation?: Recommendation;
}
