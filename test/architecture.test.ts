/** Which folder may import which: stages form a star around the model, and data flows one way. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { matchesGolden } from './golden.ts';

const src = new URL('../src/', import.meta.url).pathname;

/** What each folder may import besides itself: folders of src, and packages. `node:` is the world outside. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  model: [],
  sample: ['model'],
  identify: ['model', 'yaml'],
  account: ['model'],
  history: ['model'],
  recommend: ['model'],
  backtest: ['model'],
  report: ['model', 'yaml'],
  sinks: ['model'],
  edges: ['model', 'node:', 'pino', 'node-cron', '@kubernetes/client-node'],
  app: [
    'model',
    'sample',
    'identify',
    'account',
    'history',
    'recommend',
    'backtest',
    'report',
    'sinks',
    'edges',
    'yaml',
    'package.json',
  ],
  cli: ['model', 'report', 'sinks', 'edges', 'app', 'agent.ts', 'node:util'],
  'agent.ts': ['model', 'edges', 'app'],
  'cli.ts': ['model', 'edges', 'app', 'cli'],
};

interface Import {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** The folder (or entry, or package) that a specifier names. */
function targetOf(file: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  const target = path.relative(src, path.resolve(src, path.dirname(file), specifier));
  return target.startsWith('..') ? path.basename(target) : (target.split(path.sep)[0] as string);
}

const files = fs
  .readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'));

const imports: readonly Import[] = files.flatMap((file) => {
  const text = fs.readFileSync(path.join(src, file), 'utf8');
  // Static, dynamic and type-only imports, and re-exports: whatever names a module.
  const specifiers = text.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(['"`])(.+?)\1/g);
  const from = file.split(path.sep)[0] as string;
  return [...specifiers].map(([, , specifier = '']) => ({ file, from, to: targetOf(file, specifier) }));
});

const isAllowed = ({ from, to }: Import): boolean =>
  from === to || (allowed[from] ?? []).some((one) => one === to || (one === 'node:' && to.startsWith(one)));

describe('imports', () => {
  it('are found at all', () =>
    assert.ok(imports.length > 100, `${imports.length} imports in ${files.length} files`));

  it('go where they may', () => {
    const wrong = imports.filter((one) => !isAllowed(one)).map(({ file, to }) => `${file} imports ${to}`);
    assert.deepEqual(wrong, []);
  });

  it('make the graph of ARCHITECTURE.md', () => {
    const folders = Object.keys(allowed);
    const edges = folders.flatMap((from) =>
      folders
        .filter((to) => to !== from && imports.some((one) => one.from === from && one.to === to))
        .map((to) => [from, to]),
    );
    const file = new URL('../ARCHITECTURE.md', import.meta.url);
    const graph = `\`\`\`mermaid\ngraph LR\n${edges.map(([from, to]) => `  ${from} --> ${to}`).join('\n')}\n\`\`\``;
    const text = fs.readFileSync(file, 'utf8');
    matchesGolden(
      file,
      text.replace(/```mermaid\n.*?```/s, () => graph),
    );
  });
});
