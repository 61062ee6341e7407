/**
 * Many sets of values in one process of helm, which takes longer to start than to render. An umbrella chart has the chart as a
 * dependency under one alias per set, as a user's own chart may have it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { makeTempDir } from '../temp.ts';
import { cachedHelm, type runHelm } from './helm.ts';
import { chart } from './render.ts';

/** `--set` and its value, or `--set-string` and its value. */
export type Setting = readonly [flag: '--set' | '--set-string', value: string];

const aliasOf = (index: number): string => `set${index}`;

interface Rendering {
  readonly release?: string;
  readonly args?: readonly string[];
  /** By default the one that keeps what helm printed. `runHelm` for values that differ in each run of the test. */
  readonly helm?: typeof runHelm;
  /** More templates of the chart: name of the file → text. */
  readonly templates?: Readonly<Record<string, string>>;
}

/**
 * What helm renders for each set of values, as text.
 * @throws with the standard error of helm
 */
export function renderEach(
  sets: readonly (readonly Setting[])[],
  { release = 'realmem', args = [], helm = cachedHelm, templates = {} }: Rendering = {},
): readonly string[] {
  const umbrella = makeTempDir();
  try {
    const copy = path.join(umbrella, 'charts/realmem');
    fs.cpSync(chart, copy, { recursive: true });
    for (const [name, text] of Object.entries(templates))
      fs.writeFileSync(path.join(copy, 'templates', name), text);
    const dependencies = sets.map((_, index) => ({ name: 'realmem', version: '*', alias: aliasOf(index) }));
    const about = { apiVersion: 'v2', name: 'umbrella', version: '1.0.0', dependencies };
    // JSON is YAML.
    fs.writeFileSync(path.join(umbrella, 'Chart.yaml'), JSON.stringify(about));
    const rendered = helm(
      ...['template', release, umbrella, '-n', 'realmem', '--kube-version', '1.34.0', ...args],
      ...sets.flatMap((settings, index) =>
        settings.flatMap(([flag, value]) => [flag, `${aliasOf(index)}.${value}`]),
      ),
    );
    const documents = rendered.split(/^(?=---\n)/m);
    return sets.map((_, index) => documentsOf(aliasOf(index), documents));
  } finally {
    fs.rmSync(umbrella, { recursive: true });
  }
}

/** helm writes the file of the template at the head of each document. */
const documentsOf = (alias: string, documents: readonly string[]): string =>
  documents.filter((text) => text.startsWith(`---\n# Source: umbrella/charts/${alias}/`)).join('');

/** Why the schema refuses each set of values; undefined: it accepts the set. */
export function refusalsOf(sets: readonly (readonly Setting[])[]): readonly (string | undefined)[] {
  try {
    renderEach(sets);
    return sets.map(() => undefined);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const [, reasons] = message.split(/values don't meet the specifications of the schema\(s\)[^\n]*:\n/);
    if (reasons === undefined) throw error;
    // A line with the alias, then a line for each fault.
    const parts = reasons.split(/^(set\d+):\n/m);
    return sets.map((_, index) => {
      const at = parts.indexOf(aliasOf(index));
      return at === -1 ? undefined : parts[at + 1];
    });
  }
}
