/** Objects without undefined values: an absent value has no key either. */

/** A copy without the keys whose value is undefined. */
export function defined<Value extends object>(
  value: { [name in keyof Value]: Value[name] | undefined },
): Value {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Value;
}
