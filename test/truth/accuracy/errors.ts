/** The errors of formulas over many measurements. */
import { errorOf, type Formula } from './formulas.ts';
import { boundOf, type Measurement } from './measure.ts';

/** Statistics of absolute errors. */
export interface Errors {
  readonly mean: number;
  readonly median: number;
  readonly worst: number;
}

/** Over the measurements for which the formula has a figure. Undefined without any. */
export function errorsOf(formula: Formula, measurements: readonly Measurement[]): Errors | undefined {
  const errors = measurements
    .map((measurement) => errorOf(formula, measurement))
    .filter((error) => error !== undefined)
    .map(Math.abs)
    .sort((a, b) => a - b);
  if (errors.length === 0) return undefined;
  const middle = (errors.length - 1) / 2;
  const at = (index: number): number => errors[index] as number;
  return {
    mean: errors.reduce((a, b) => a + b, 0) / errors.length,
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    worst: at(errors.length - 1),
  };
}

export interface Comparison {
  /** The measurements on which the two formulas differ by more than the bound. */
  readonly differing: readonly Measurement[];
  /** On how many of those the first formula is closer to the truth. */
  readonly nearer: number;
}

export function compare(one: Formula, other: Formula, measurements: readonly Measurement[]): Comparison {
  const differing = measurements.filter((measurement) => differ(one, other, measurement));
  return { differing, nearer: differing.filter((measurement) => !lostTo(one, other, measurement)).length };
}

const differ = (one: Formula, other: Formula, measurement: Measurement): boolean =>
  Math.abs(Number(errorOf(one, measurement)) - Number(errorOf(other, measurement))) > boundOf(measurement);

/** Whether the other formula is closer to the truth, and differs by more than the bound. */
export const lostTo = (one: Formula, other: Formula, measurement: Measurement): boolean =>
  differ(one, other, measurement) &&
  Math.abs(Number(errorOf(other, measurement))) <= Math.abs(Number(errorOf(one, measurement)));
