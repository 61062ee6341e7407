/** What an agent remembers from pass to pass to read less. */
import type { CgroupSample } from '../../model/cgroup.ts';
import { BriefSamples } from './brief-samples.ts';
import { KeptClaims } from './kept-claims.ts';
import { KeptDetails } from './kept-details.ts';

/** Of one live host. */
export class Reuse {
  /** For passes with a report. */
  readonly kept = new KeptDetails();
  readonly claims = new KeptClaims();
  /** For passes without one. */
  readonly brief = new BriefSamples();
  /** Whether usage is about the sum of its parts. If so, a second reading has no purpose. */
  readonly isExplained: (sample: CgroupSample) => boolean;

  constructor(isExplained: (sample: CgroupSample) => boolean) {
    this.isExplained = isExplained;
  }
}
