/**
 * `npm run chart` generates values.schema.json and the table of values in the chart's README from the comments of values.yaml, and
 * the types of reports from the CRD.
 */
import fs from 'node:fs';
import path from 'node:path';
import { type Param, readParams } from './params.ts';
import { chart } from './render.ts';
import { schemaOf } from './schema.ts';
import { types, typesFile } from './types.ts';

const begin = '<!-- `npm run chart` generates this table from values.yaml. -->\n';
const end = '<!-- The end of the table. -->\n';

export const params = (): readonly Param[] => readParams(read('values.yaml'));

/** Expected contents of the generated files, by their name in the chart. */
export function generated(): Readonly<Record<string, string>> {
  const known = params();
  const readme = read('README.md');
  const [before, after] = [readme.indexOf(begin), readme.indexOf(end)];
  if (before < 0 || after < before) throw new Error(`README.md: expected the lines ${begin}and ${end}`);
  return {
    'values.schema.json': `${JSON.stringify(schemaOf(known), null, 2)}\n`,
    'README.md': `${readme.slice(0, before)}${begin}${tables(known)}\n${readme.slice(after)}`,
  };
}

export const read = (name: string): string => fs.readFileSync(path.join(chart, name), 'utf8');

function tables(known: readonly Param[]): string {
  const sections = Map.groupBy(known, ({ section }) => section);
  return [...sections]
    .map(
      ([title, rows]) =>
        `\n### ${title}\n\n| Value | Description | Type or choices | Default |\n|---|---|---|---|\n${rows.map(row).join('')}`,
    )
    .join('');
}

const row = ({ key, about, kind, value }: Param): string =>
  `| ${[`\`${key}\``, about, takes(kind, value), `\`${JSON.stringify(value)}\``].map(cell).join(' | ')} |\n`;

const takes = (kind: string | undefined, value: unknown): string =>
  kind?.includes('|') ? kind.replaceAll('|', ', ') : (kind ?? typeof value);

const cell = (text: string): string => text.replaceAll('|', '\\|');

if (import.meta.main) {
  for (const [name, text] of Object.entries(generated())) fs.writeFileSync(path.join(chart, name), text);
  fs.writeFileSync(typesFile, types());
}
