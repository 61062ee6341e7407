/** What to set for each container of this node, worked out anew every ten minutes and whenever one was killed. */
import type { History } from '../history/history.ts';
import type { CgroupId } from '../model/cgroup.ts';
import { keyText } from '../model/demand.ts';
import type { Recommendation } from '../model/recommendation.ts';
import { advise } from '../recommend/advise.ts';

const periodMs = 600_000;
/** What moves by less is left as it was: every change is a write, and read by people. */
const leastChange = 0.05;

export class Advice {
  private readonly history: History;
  private known = new Map<string, Recommendation>();
  private workedOutAt = Number.NEGATIVE_INFINITY;
  private kills = 0;

  constructor(history: History) {
    this.history = history;
  }

  /** @param at milliseconds since 1970 */
  on(id: CgroupId, at: number): Recommendation | undefined {
    const { killCount } = this.history;
    if (Math.abs(at - this.workedOutAt) >= periodMs || killCount !== this.kills) {
      this.workedOutAt = at;
      this.kills = killCount;
      this.workOut(at / 1000);
    }
    const named = this.history.demandOf(id);
    return named && this.known.get(keyText(named.key));
  }

  private workOut(seconds: number): void {
    const before = this.known;
    this.known = new Map();
    for (const { key, demand } of this.history.folded()) {
      if (demand.running === 0) continue;
      const text = keyText(key);
      const now = advise(demand, seconds);
      const known = before.get(text);
      if (now !== undefined) this.known.set(text, known !== undefined && isAlike(known, now) ? known : now);
    }
  }
}

const isAlike = (a: Recommendation, b: Recommendation): boolean =>
  a.confidence === b.confidence &&
  a.leak?.pod === b.leak?.pod &&
  (['request', 'limit'] as const).every(
    (what) => Math.abs(a[what].target - b[what].target) <= leastChange * a[what].target,
  );
