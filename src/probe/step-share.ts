/** Which share of the page cache that is left the next step takes. */
import type { Expected } from './forecast.ts';

/** Of the first step, and what it grows by to at most the last. */
const firstShare = 1 / 8;
const growth = 1.25;
const mostShare = 1 / 3;
/** Where the cache seems needed: of the two confirming steps, and at least after one that was cold after all. */
const confirmingShares = [1 / 16, 1 / 8];
const nearShare = 1 / 16;
/** And of the pages in a step that will come back. */
const hotShare = 1 / 10;
/** When this part of a step comes back, the needed cache is near. */
const nearPart = 1 / 20;

/** In pages. */
export interface Judged {
  readonly took: number;
  readonly back: number;
  readonly expected: Expected;
  readonly isNeeded: boolean;
}

export class StepShare {
  now = firstShare;
  /** Needed steps after the first one. */
  confirmations = 0;
  private isConfirming = false;

  get isConfirmed(): boolean {
    return this.confirmations === confirmingShares.length;
  }

  /** Takes what came of the last step. */
  judge(step: Judged): void {
    if (!step.isNeeded) {
      this.now = this.afterColdStep(step);
      this.isConfirming = false;
      this.confirmations = 0;
      return;
    }
    if (this.isConfirming) this.confirmations++;
    this.isConfirming = true;
    this.now = confirmingShares[this.confirmations] ?? nearShare;
  }

  private afterColdStep({ took, back, expected }: Judged): number {
    const grown = Math.min(mostShare, this.now * growth);
    if (!this.isConfirming && back < nearPart * took) return grown;
    // What comes back from the next step is then a small part of the needed cache.
    const gentle = (hotShare * took) / Math.max(1, expected.most);
    return Math.max(nearShare, Math.min(grown, gentle));
  }
}
