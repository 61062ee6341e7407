/** Finds the fields of a NodeMemoryReport that the API server would refuse or silently drop. */
import fs from 'node:fs';
import { parse } from 'yaml';

/** The keywords of a structural schema that the chart's CRD uses. */
interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
  readonly description?: string;
  readonly 'x-kubernetes-int-or-string'?: boolean;
}

const file = new URL('../../charts/realmem/files/crds/nodememoryreports.yaml', import.meta.url);
const { spec } = parse(fs.readFileSync(file, 'utf8')) as {
  spec: { versions: readonly { name: string; schema: { openAPIV3Schema: Schema } }[] };
};
const version = spec.versions.find(({ name }) => name === 'v1alpha1');
if (version === undefined) throw new Error(`${file.pathname} has no v1alpha1`);
const root = version.schema.openAPIV3Schema;

/** Fields of every Kubernetes object. */
const common: Readonly<Record<string, Schema>> = { apiVersion: {}, kind: {}, metadata: {} };

/** Faults of an object that was parsed from JSON, one line each. */
export const schemaFaults = (object: unknown): readonly string[] =>
  faultsOf('', JSON.parse(JSON.stringify(object)), {
    ...root,
    properties: { ...common, ...root.properties },
  });

const known = new Set([
  ...['type', 'properties', 'required', 'items', 'enum', 'pattern', 'maxLength'],
  ...['minimum', 'maximum', 'format'],
  ...['description', 'x-kubernetes-validations'],
  ...['anyOf', 'x-kubernetes-int-or-string', 'x-kubernetes-list-type'],
]);

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const typeIs: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isFields,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
};

function faultsOf(where: string, value: unknown, schema: Schema): readonly string[] {
  const strange = Object.keys(schema).filter((key) => !known.has(key));
  if (strange.length > 0) throw new Error(`${where}: this checker does not know ${strange.join(', ')}`);
  const faults: string[] = [];
  const say = (what: string): void => {
    faults.push(`${where}: ${what}, got ${JSON.stringify(value)?.slice(0, 60)}`);
  };
  const { type, pattern, maxLength, minimum, maximum, format } = schema;
  if (schema['x-kubernetes-int-or-string'] && typeof value !== 'string' && !Number.isInteger(value))
    say('expected an integer or a string');
  if (type !== undefined && typeIs[type]?.(value) !== true) say(`expected ${type}`);
  if (schema.enum !== undefined && !schema.enum.includes(value))
    say(`expected one of ${schema.enum.join(', ')}`);
  if (pattern !== undefined && typeof value === 'string' && !new RegExp(pattern, 'u').test(value))
    say('expected another text');
  if (maxLength !== undefined && typeof value === 'string' && [...value].length > maxLength)
    say(`expected ${maxLength} characters at most`);
  if (minimum !== undefined && typeof value === 'number' && value < minimum)
    say(`expected at least ${minimum}`);
  if (maximum !== undefined && typeof value === 'number' && value > maximum)
    say(`expected at most ${maximum}`);
  if (format === 'date-time' && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(String(value)))
    say('expected a time');
  if (Array.isArray(value))
    for (const [index, item] of value.entries())
      faults.push(...faultsOf(`${where}[${index}]`, item, schema.items ?? {}));
  if (isFields(value) && schema.properties !== undefined) {
    for (const key of schema.required ?? []) if (!Object.hasOwn(value, key)) say(`expected ${key} in it`);
    for (const [key, part] of Object.entries(value)) {
      const below = Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
      if (below === undefined) faults.push(`${where}.${key}: the schema does not know it`);
      else faults.push(...faultsOf(`${where}.${key}`, part, below));
    }
  }
  return faults;
}
