/** Builds values.schema.json: with it helm refuses invalid values and unknown keys, and names them. */
import type { Param } from './params.ts';

export interface Schema {
  readonly $schema?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly properties?: Record<string, Schema>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
}

const text = (pattern: string): Schema => ({ type: 'string', pattern });
const object: Schema = { type: 'object' };
const namespace = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?';

/** Schemas of the kinds in values.yaml that say more than the type of the default. */
const kinds: Readonly<Record<string, Schema>> = {
  object,
  labels: { type: 'object', additionalProperties: { type: 'string' } },
  strings: { type: 'array', items: { type: 'string' } },
  objects: { type: 'array', items: object },
  manifests: { type: 'array', items: { type: ['object', 'string'] } },
  secrets: { type: 'array', items: { type: ['object', 'string'] } },
  integer: { type: 'integer', minimum: 0 },
  positive: { type: 'integer', minimum: 1 },
  percent: { type: 'integer', minimum: 1, maximum: 100 },
  // helm makes a text of a fraction from --set.
  number: { type: ['number', 'string'], minimum: 0, pattern: '^[0-9]+(\\.[0-9]+)?$' },
  share: { type: ['string', 'integer'], pattern: '^[0-9]+%$' },
  // As the agent parses them: a test compares both.
  duration: text('^[0-9]+(\\.[0-9]+)?(ms|s|m|h)$'),
  address: text('^(off|(\\[[0-9a-fA-F:.]+\\]|[^:\\s/]+)?:[0-9]{1,5})$'),
  time: text('^([0-9]+(ms|s|m|h|d))+$'),
  timeout: text('^([0-9]+(ms|s|m|h|d))*$'),
  word: text('^\\S+$'),
  namespace: text(`^(${namespace})?$`),
  namespaces: { type: 'array', items: text(`^${namespace}$`) },
  dnsPolicy: text('^(ClusterFirst|ClusterFirstWithHostNet|Default|None)?$'),
  quantity: {
    type: ['string', 'number'],
    pattern: '^([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$',
  },
  path: text('^/'),
  digest: text('^(sha256:[0-9a-f]{64})?$'),
  // A JSON string in the dashboard.
  url: text('^https?://[^\\s"\\\\]+$'),
};

/** A parent chart sets it for the condition of its dependency. If it is false, helm leaves out the subchart. */
const fromAbove = { enabled: { description: 'The condition of a parent chart', enum: [true] } } as const;

export function schemaOf(params: readonly Param[]): Schema {
  const root = closed();
  Object.assign(root.properties ?? {}, fromAbove);
  for (const param of params) put(root, param.key.split('.'), param);
  // helm takes null for "without". An alert without a threshold is none.
  const alerts = root.properties?.['prometheusRule']?.properties?.['alerts']?.properties ?? {};
  for (const alert of Object.values(alerts))
    Object.assign(alert, { required: Object.keys(alert.properties ?? {}) });
  return { $schema: 'http://json-schema.org/draft-07/schema#', ...root };
}

const closed = (): Schema => ({ type: 'object', properties: {}, additionalProperties: false });

/** Objects within an object that accepts any key accept any key too. */
const open = (): Schema => ({ type: 'object', properties: {} });

/** Expects the @param of an object before the @params of its fields. */
function put(parent: Schema, [name = '', ...rest]: readonly string[], param: Param): void {
  const properties = parent.properties as Record<string, Schema>;
  if (rest.length === 0) {
    properties[name] = { description: param.about, ...valueSchema(param) };
    return;
  }
  const known = properties[name] ?? (parent.additionalProperties === false ? closed() : open());
  properties[name] = known.properties === undefined ? { ...known, properties: {} } : known;
  put(properties[name], rest, param);
}

function valueSchema({ key, kind, value }: Param): Schema {
  if (kind?.includes('|')) return { enum: kind.split('|').flatMap(spellings) };
  if (kind !== undefined) {
    const known = kinds[kind];
    if (known === undefined)
      throw new Error(
        `values.yaml: expected one of [${Object.keys(kinds).join('], [')}] for ${key}, got [${kind}]`,
      );
    return known;
  }
  if (typeof value !== 'string' && typeof value !== 'boolean')
    throw new Error(`values.yaml: expected a [kind] for ${key}, got none`);
  return { type: typeof value };
}

/** `--set-string` and quotes turn true and false into strings. */
const spellings = (word: string): readonly unknown[] =>
  word === 'true' || word === 'false' ? [word === 'true', word] : [word];
