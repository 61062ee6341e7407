/** What limits are multiplied by along a frontier: from half to twenty-five times, 10 % apart. */
export const multipliers: readonly number[] = Array.from({ length: 42 }, (_, step) => 0.5 * 1.1 ** step);
