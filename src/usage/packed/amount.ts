/** Amounts as a checkpoint keeps them: logarithms in steps of 0.5 %. Code 0 is a KiB. */

export const KiB = 1024;
const step = 0.005;

/** The code of the amount, or of the next larger one that has a code. */
export const amountCodeOf = (amount: number): number =>
  Math.max(0, Math.ceil(Math.log(amount / KiB) / step - 1e-6));
/** Bytes. */
export const amountAt = (code: number): number => KiB * Math.exp(code * step);
