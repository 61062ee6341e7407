/** Formulas as text in the kernel's names. The screens print the same text that is evaluated. */

export type Figures = ReadonlyMap<string, number>;

export type Evaluated =
  | { readonly value: number; readonly numbers: string }
  | { readonly missing: readonly string[] };

/** @param formula names and numbers, separated by ` + ` or ` − `: `memory.current − inactive_file` */
export function evaluate(formula: string, figures: Figures): Evaluated {
  const [first = '', ...rest] = formula.split(/ ([+−]) /);
  const missing: string[] = [];
  const numberOf = (name: string): number => {
    const value = /^\d+$/.test(name) ? Number(name) : figures.get(name);
    if (value === undefined) missing.push(name);
    return value ?? 0;
  };
  let value = numberOf(first);
  let numbers = String(value);
  for (let i = 0; i < rest.length; i += 2) {
    const [sign, name = ''] = [rest[i], rest[i + 1]];
    const part = numberOf(name);
    value += sign === '+' ? part : -part;
    numbers += ` ${sign} ${part}`;
  }
  return missing.length > 0 ? { missing } : { value, numbers };
}
