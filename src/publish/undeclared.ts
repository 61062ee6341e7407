/**
 * Fields or values that the cluster's CRD lacks because it is older than the agent. The API server refuses an object with one of
 * them, so the agent omits these fields and writes the others.
 */
import type { ApiError } from '../kube/api-error.ts';

/** After this time the agent tries all fields again, in case the CRD was upgraded. */
const againMs = 600_000;

/**
 * Server-side apply answers 500 InternalError without causes, so only the prose names the fields: `ValidationErrors` of
 * sigs.k8s.io/structured-merge-diff/typed, wrapped by apimachinery's `managedfields` ("failed to create typed patch object").
 */
const notInSchema = (message: string): readonly string[] =>
  [...message.matchAll(/\.?\b([\w.[\]]+): field not declared in schema/g)].map(([, path = '']) => path);

/** Validation of a CRD's enum answers 422 with a cause for each field (`CauseTypeFieldValueNotSupported`). */
const notSupported = (causes: ApiError['causes']): readonly string[] =>
  causes.flatMap(({ reason, field }) =>
    reason === 'FieldValueNotSupported' && field !== undefined && /^[\w.[\]]+$/.test(field) ? [field] : [],
  );

export class Undeclared {
  private paths = new Map<string, readonly string[]>();
  private learnedAt = 0;

  /** @returns whether the refusal names new fields */
  learn(refusal: Pick<ApiError, 'message' | 'causes'>, at: number): boolean {
    const { size } = this.paths;
    for (const path of [...notInSchema(refusal.message), ...notSupported(refusal.causes)]) {
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
