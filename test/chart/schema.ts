/** values.schema.json: helm refuses a value that does not fit, and a key that nobody knows, by its name. */
import type { Param } from './params.ts';

export interface Schema {
  readonly $schema?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly items?: Schema;
  readonly properties?: Record<string, Schema>;
  readonly additionalProperties?: boolean | Schema;
}

const text = (pattern: string): Schema => ({ type: 'string', pattern });
const object: Schema = { type: 'object' };

/** What a value takes, beyond the type of its default. */
const kinds: Readonly<Record<string, Schema>> = {
  object,
  labels: { type: 'object', additionalProperties: { type: 'string' } },
  strings: { type: 'array', items: { type: 'string' } },
  objects: { type: 'array', items: object },
  integer: { type: 'integer', minimum: 0 },
  share: { type: ['string', 'integer'], pattern: '^[0-9]+%$' },
  // As the agent reads them: a test holds both together.
  duration: text('^[0-9]+(\\.[0-9]+)?(ms|s|m|h)$'),
  address: text('^(off|(\\[[0-9a-fA-F:.]+\\]|[^:\\s/]+)?:[0-9]{1,5})$'),
  time: text('^([0-9]+(ms|s|m|h|d))+$'),
  quantity: {
    type: ['string', 'number'],
    pattern: '^([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$',
  },
  path: text('^/'),
  digest: text('^(sha256:[0-9a-f]{64})?$'),
  url: text('^https?://\\S+$'),
};

/** helm gives these to a chart that is part of another one. */
const fromAbove = { global: object, enabled: { type: 'boolean' } } as const;

export function schemaOf(params: readonly Param[]): Schema {
  const root = closed();
  Object.assign(root.properties ?? {}, fromAbove);
  for (const param of params) put(root, param.key.split('.'), param);
  return { $schema: 'http://json-schema.org/draft-07/schema#', ...root };
}

const closed = (): Schema => ({ type: 'object', properties: {}, additionalProperties: false });

/** What is within an object that may have any key may have any key too. */
const open = (): Schema => ({ type: 'object', properties: {} });

/** A param of an object comes before those of its parts. */
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
    if (known === undefined) throw new Error(`values.yaml: ${key} is of kind ${kind}, which is none`);
    return known;
  }
  if (typeof value !== 'string' && typeof value !== 'boolean')
    throw new Error(`values.yaml: ${key} needs a [kind]`);
  return { type: typeof value };
}

/** `--set-string` and quotes make texts of them. */
const spellings = (word: string): readonly unknown[] =>
  word === 'true' || word === 'false' ? [word === 'true', word] : [word];
