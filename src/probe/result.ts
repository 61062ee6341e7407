/** The answer of a probe, and which container it is about. */
import type { Answer } from './answer.ts';

export interface ProbeResult {
  readonly name: string;
  readonly cgroup: string;
  /** The cgroup version, the kernel and the time, for people. */
  readonly where: string;
  /** When the probe began: RFC 3339. */
  readonly at: string;
  readonly answer: Answer;
}
