/** Generates the types of src/publish/published.ts from the CRD. */
import fs from 'node:fs';
import { parse } from 'yaml';

/** The keywords of a structural schema that the CRD uses. */
interface Schema {
  readonly description?: string;
  readonly type?: string;
  readonly enum?: readonly (string | number)[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly 'x-kubernetes-int-or-string'?: boolean;
}

const definition = new URL('../../charts/realmem/files/crds/nodememoryreports.yaml', import.meta.url);
export const typesFile = new URL('../../src/publish/published.ts', import.meta.url);

const head = `/**
 * The report of a node as the cluster stores it: rounded sizes for people, without IDs and cgroups.
 * \`npm run chart\` generates this file from charts/realmem/files/crds/nodememoryreports.yaml.
 */
import type { apiVersion, OwnerReference } from '../model/product.ts';

/** A Kubernetes Quantity with three digits: \`69.1Gi\`. */
export type Quantity = string;
`;

/** Fields that every object of this kind has. */
const common = `  readonly apiVersion: typeof apiVersion;
  readonly kind: 'NodeMemoryReport';
  readonly metadata: { readonly name: string; readonly ownerReferences?: readonly OwnerReference[] };
`;

export function types(): string {
  const { spec } = parse(fs.readFileSync(definition, 'utf8')) as {
    spec: { versions: readonly { schema: { openAPIV3Schema: Schema } }[] };
  };
  const root = spec.versions[0]?.schema.openAPIV3Schema;
  if (root === undefined) throw new Error(`${definition.pathname}: expected a version, got none`);
  const made: string[] = [];
  interfaceOf('report', root, made, common);
  return [head, ...made].join('\n');
}

/** The interfaces of its fields follow it. Objects of the same name must be the same, and share an interface. */
function interfaceOf(name: string, schema: Schema, made: string[], first = ''): string {
  const type = `Published${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const known = made.find((text) => text.includes(`export interface ${type} {`));
  const place = made.push('') - 1;
  const fields = Object.entries(schema.properties ?? {}).map(([key, property]) => {
    const optional = schema.required?.includes(key) ? '' : '?';
    const type = typeOf(key, property, made);
    const line = `  readonly ${key}${optional}: ${type};`;
    return `${comment(property.description, '  ')}${line.length <= width ? line : folded(line)}\n`;
  });
  const text = `${comment(schema.description, '')}export interface ${type} {\n${first}${fields.join('')}}\n`;
  if (known === undefined) made[place] = text;
  else if (known === text) made.splice(place);
  else throw new Error(`${name}: expected the same schema wherever this name stands, got two`);
  return type;
}

function typeOf(key: string, schema: Schema, made: string[]): string {
  if (schema['x-kubernetes-int-or-string']) return 'Quantity';
  if (schema.enum !== undefined)
    return schema.enum.map((value) => (typeof value === 'string' ? `'${value}'` : value)).join(' | ');
  if (schema.type === 'array') return `readonly ${typeOf(key.replace(/s$/, ''), schema.items ?? {}, made)}[]`;
  if (schema.type === 'object') return interfaceOf(key, schema, made);
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  if (schema.type === 'string') return 'string';
  throw new Error(`${key}: expected a schema with a TypeScript type, got ${JSON.stringify(schema)}`);
}

const width = 110;

/** Wraps a union that is too long for a line, as the formatter does. */
const folded = (line: string): string => line.replace(': ', ': | ').replaceAll(" | '", "\n    | '");

function comment(text: string | undefined, indent: string): string {
  if (text === undefined) return '';
  const line = `${indent}/** ${text} */\n`;
  if (line.length <= width + 1) return line;
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && `${indent} * ${last} ${word}`.length > width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return `${indent}/**\n${lines.map((one) => `${indent} * ${one}\n`).join('')}${indent} */\n`;
}
