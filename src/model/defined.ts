/** Objects without undefined values: an absent value has no key either. */

/** A copy without the keys whose value is undefined. */
export function defined<Value extends object>(
  value: { [name in keyof Value]: Value[name] | undefined },
): Value {
  // Each pass does this for every cgroup. Object.fromEntries takes five times as long.
  const copy: Partial<Value> = {};
  for (const name in value) if (value[name] !== undefined) copy[name] = value[name];
  return copy as Value;
}
