/** Absent is absent: not there, rather than there and undefined. */

/** The same without what is undefined. */
export function defined<Value extends object>(
  value: { [name in keyof Value]: Value[name] | undefined },
): Value {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Value;
}
