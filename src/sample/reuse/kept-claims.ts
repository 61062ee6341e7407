/** The claims that the last report resolved. The cgroups of most nodes are the same in the next one, and none is disputed. */
import { type ResolvedClaims, resolveClaims } from '../../identify/claims.ts';
import type { CgroupId } from '../../model/cgroup.ts';
import type { CgroupRole } from '../../model/cgroup-role.ts';
import type { Observation } from '../../model/observation.ts';

export class KeptClaims {
  /** Of the last report; undefined if it had to change or refuse one. */
  private believed: readonly { readonly role: CgroupRole; readonly id: CgroupId }[] | undefined;

  /** The same as `resolveClaims`, which depends on roles and paths alone. @param observations all of one pass */
  resolve(observations: readonly Observation[]): ResolvedClaims {
    if (this.isBelieved(observations)) return { observations, refused: [] };
    const resolved = resolveClaims(observations);
    const isUnchanged =
      resolved.observations.length === observations.length &&
      resolved.observations.every((one, index) => one === observations[index]);
    this.believed = isUnchanged ? observations.map(({ role, sample: { id } }) => ({ role, id })) : undefined;
    return resolved;
  }

  private isBelieved(observations: readonly Observation[]): boolean {
    const { believed } = this;
    if (believed?.length !== observations.length) return false;
    return believed.every(({ role, id }, index) => {
      const now = observations[index];
      return now?.role === role && now.sample.id === id;
    });
  }
}
