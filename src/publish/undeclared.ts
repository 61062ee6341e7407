/**
 * Fields that the definition in the cluster does not know, or not with that value, since it is older than the agent. The API
 * refuses an object that has one of them, where all others are still worth writing.
 */
/** So long until the definition is taken to be a newer one. */
const againMs = 600_000;

export class Undeclared {
  private paths = new Map<string, readonly string[]>();
  private learnedAt = 0;

  /** @param refusal what the API said @returns whether it names fields that were not known to be so */
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

  /** The object without them. */
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
  const { [name]: inner, ...others } = value as Readonly<Record<string, unknown>>;
  if (inner === undefined || rest.length === 0) return others;
  return { ...value, [name]: without(inner, rest) };
}
