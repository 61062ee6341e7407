/** How large the next step is, as a share of the page cache that is left. */
import type { Expected } from './forecast.ts';

/** The first step. */
const firstShare = 1 / 8;
/** Each cold step is larger than the one before by this factor, up to `mostShare`. */
const growth = 1.25;
const mostShare = 1 / 3;
/** The two steps that confirm a needed one. */
const confirmingShares = [1 / 16, 1 / 8];
/** The steps after these. */
const turningShare = 1 / 8;
/** The smallest step. */
const nearShare = 1 / 16;
/** After a step that was reread in part: of the next one, about this share of the cache that is left is reread. */
const hotShare = 1 / 10;
/** If less than this share of a cold step is reread, the needed cache is still far. */
const nearPart = 1 / 20;

/** In pages. */
export interface JudgedStep {
  readonly took: number;
  readonly back: number;
  readonly expected: Expected;
  readonly isNeeded: boolean;
}

export class StepShare {
  now = firstShare;
  /** Needed steps after the first one. */
  confirmations = 0;
  /** The last step was needed. */
  isConfirming = false;

  get isConfirmed(): boolean {
    return this.confirmations >= confirmingShares.length;
  }

  /** Sizes the next step by the result of the last one. */
  judge(step: JudgedStep): void {
    if (!step.isNeeded) {
      this.now = this.afterColdStep(step);
      this.isConfirming = false;
      this.confirmations = 0;
      return;
    }
    if (this.isConfirming) this.confirmations++;
    this.isConfirming = true;
    this.now = confirmingShares[this.confirmations] ?? turningShare;
  }

  private afterColdStep({ took, back, expected }: JudgedStep): number {
    const grown = Math.min(mostShare, this.now * growth);
    if (!this.isConfirming && back < nearPart * took) return grown;
    // Little of the needed cache is then in the next step.
    const gentle = (hotShare * took) / Math.max(1, expected.most);
    return Math.max(nearShare, Math.min(grown, gentle));
  }
}
