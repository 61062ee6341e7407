/**
 * Fields or values that the cluster's CRD lacks because it is older than the agent. The API server refuses an object with one of
 * them, so the agent omits these fields and writes the others.
 */
/** After this time the agent tries all fields again, in case the CRD was upgraded. */
const againMs = 600_000;

export class Undeclared {
  private paths = new Map<string, readonly string[]>();
  private learnedAt = 0;

  /** @param refusal message of the API server. @returns whether it names new fields */
  learn(refusal: string, at: number): boolean {
    const { size } = this.paths;
    for (const [, path = ''] of refusal.matchAll(
      /\.?\b([\w.[\]]+): (?:field not declared in schema|Unsupported value: )/g,
    )) {
      const names = path.replaceAll(/\[\d+\]/g, '').split('.');
      this.paths.set(names.join('.'), names);
    }
    if (this.paths.size === size) return false;
    this.learnedAt = at;
    return true;
  }

  /** The object without these fields. */
  cut(object: unknown, at: number): unknown {
    if (at - this.learnedAt >= againMs) this.paths.clear();
    return [...this.paths.values()].reduce(without, object);
  }

  toString(): string {
    return [...this.paths.keys()].join(', ');
  }
}

function without(value: unknown, path: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => without(item, path));
  const [name, ...rest] = path;
  if (typeof value !== 'object' || value === null || name === undefined) return value;
  // What every object inherits (`constructor`) is no field.
  if (!Object.hasOwn(value, name)) return value;
  const { [name]: inner, ...others } = value as Readonly<Record<string, unknown>>;
  return rest.length === 0 ? others : { ...value, [name]: without(inner, rest) };
}
