/** The layers: a folder imports only from the folders above it, and files have no import circles. No folder is crowded. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { matchesGolden } from './golden.ts';

const src = new URL('../src/', import.meta.url).pathname;

/** From the top down. Beside each: the packages that it may import; `node:` is the world outside. */
const layers: Readonly<Record<string, readonly string[]>> = {
  model: ['package.json'],
  edges: ['node:', 'pino', 'node-cron'],
  http: ['node:'],
  kube: ['node:', '@kubernetes/client-node'],
  heap: [],
  pods: ['yaml'],
  identify: [],
  sample: [],
  account: [],
  usage: [],
  recommend: [],
  report: [],
  layout: ['yaml', 'get-east-asian-width', 'jsonpath-plus'],
  render: [],
  metrics: [],
  publish: ['yaml'],
  checkpoint: [],
  suggest: ['yaml'],
  recording: ['node:'],
  inspect: [],
  probe: [],
  cluster: [],
  'probe-job': [],
  page: ['preact', 'preact/hooks'],
  live: [],
  backtest: ['csv-parse/sync'],
  agent: ['yaml'],
  doctor: [],
  cli: ['node:util'],
  'cli.ts': [],
};
const order = Object.keys(layers);

/** With more files a reader loses the overview. */
const mostFiles = 20;
/** A reader has to open many files to see one subject if they are shorter than this. A few are fine. */
const shortLines = 25;
const mostShort = 9;

interface Import {
  readonly file: string;
  /** A file below src, or a package. */
  readonly to: string;
}

const layerOf = (file: string): string => file.split('/')[0] as string;

function importsOf(file: string, text: string): readonly Import[] {
  // Static, dynamic and type-only imports, and re-exports: whatever names a module.
  const specifiers = text.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(['"`])(.+?)\1/g);
  return [...specifiers].map(([, , specifier = '']) => {
    if (!specifier.startsWith('.')) return { file, to: specifier };
    const target = path.posix.join(path.posix.dirname(file), specifier);
    return { file, to: target.startsWith('..') ? path.posix.basename(target) : target };
  });
}

function isAllowed({ file, to }: Import): boolean {
  const [from, into] = [layerOf(file), layerOf(to)];
  if (order.includes(into)) return order.indexOf(into) <= order.indexOf(from);
  return (layers[from] ?? []).some((one) => one === to || (one === 'node:' && to.startsWith(one)));
}

/** One circle of files, each of which imports the next; undefined where there is none. */
function circleIn(imports: readonly Import[]): readonly string[] | undefined {
  const next = Map.groupBy(imports, ({ file }) => file);
  const done = new Set<string>();
  const follow = (file: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const { to } of next.get(file) ?? []) {
      const circle = follow(to, [...way, file]);
      if (circle !== undefined) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of next.keys()) {
    const circle = follow(file, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

/** The files with few lines. */
const shortOnes = (texts: ReadonlyMap<string, string>): readonly string[] =>
  [...texts].filter(([, text]) => text.split('\n').length - 1 < shortLines).map(([file]) => file);

/** The folders with too many files. */
const crowded = (files: readonly string[]): readonly string[] =>
  [...Map.groupBy(files, (file) => path.dirname(file))]
    .filter(([, all]) => all.length > mostFiles)
    .map(([folder, all]) => `${folder}: ${all.length} files, at most ${mostFiles}`);

const files = fs
  .readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'));
const texts = new Map(files.map((file) => [file, fs.readFileSync(path.join(src, file), 'utf8')]));
const imports = [...texts].flatMap(([file, text]) => importsOf(file, text));

describe('the layers', () => {
  it('are read from the imports of every file', () => {
    assert.ok(imports.length > 1000, `${imports.length} imports in ${files.length} files`);
    assert.deepEqual(
      [...new Set(files.map(layerOf))].filter((layer) => !order.includes(layer)),
      [],
    );
  });

  it('import from those above them alone', () => {
    const wrong = imports.filter((one) => !isAllowed(one)).map(({ file, to }) => `${file} imports ${to}`);
    assert.deepEqual(wrong, []);
  });

  it('take chance from the process alone', () => {
    const taking = files.filter((file) =>
      fs.readFileSync(path.join(src, file), 'utf8').includes('Math.random'),
    );
    assert.deepEqual(taking, ['edges/process.ts']);
  });

  it('have no circle of files', () => assert.equal(circleIn(imports), undefined));

  it(`have ${mostFiles} files at the most`, () => {
    assert.deepEqual(crowded(files), []);
  });

  it(`have ${mostShort} files below ${shortLines} lines at the most`, () => {
    assert.ok(shortOnes(texts).length <= mostShort, shortOnes(texts).join('\n'));
  });

  it('are drawn in ARCHITECTURE.md', () => {
    const above = new Map(
      order.map((from) => [
        from,
        order.filter(
          (to) => to !== from && imports.some((one) => layerOf(one.file) === from && layerOf(one.to) === to),
        ),
      ]),
    );
    const reaches = (from: string, to: string): boolean =>
      above.get(from)?.some((next) => next === to || reaches(next, to)) === true;
    // Leave out arrows that a longer path implies.
    const edges = [...above].flatMap(([from, all]) =>
      all
        .filter((to) => !all.some((other) => other !== to && reaches(other, to)))
        .map((to) => `  ${from} --> ${to}`),
    );
    const file = new URL('../ARCHITECTURE.md', import.meta.url);
    const graph = `\`\`\`mermaid\ngraph BT\n${edges.join('\n')}\n\`\`\``;
    const text = fs.readFileSync(file, 'utf8');
    matchesGolden(
      file,
      text.replace(/```mermaid\n.*?```/s, () => graph),
    );
  });
});

describe('the folders of tests', () => {
  const tests = fs
    .readdirSync(new URL('.', import.meta.url), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map(({ parentPath, name }) => path.join(parentPath, name));

  it(`have ${mostFiles} programs at the most, folders below them not counted`, () => {
    assert.ok(tests.length > 500, `${tests.length} files`);
    assert.deepEqual(crowded(tests), []);
  });
});

describe('the rule of the layers', () => {
  const allows = (file: string, text: string): boolean => importsOf(file, text).every(isAllowed);

  for (const [file, text] of [
    ['account/memory.ts', "import { bytes } from '../model/bytes.ts';"],
    ['account/memory.ts', "import { formula } from './formula.ts';"],
    ['edges/files.ts', "import fs from 'node:fs';"],
    ['cli.ts', "import { main } from './cli/main.ts';"],
  ] as const)
    it(`lets ${file} have ${text}`, () => assert.equal(allows(file, text), true));

  for (const [file, text] of [
    ['model/bytes.ts', "import { real } from '../account/memory.ts';"],
    ['account/memory.ts', "import type { Report } from '../report/build.ts';"],
    ['account/memory.ts', "export { build } from '../report/build.ts';"],
    ['report/build.ts', "const { tick } = await import('../agent/tick.ts');"],
    ['account/memory.ts', "import fs from 'node:fs';"],
    ['recommend/limit.ts', "import pino from 'pino';"],
    ['agent/tick.ts', "import { main } from '../cli.ts';"],
  ] as const)
    it(`refuses ${file} ${text}`, () => assert.equal(allows(file, text), false));

  it(`finds a folder of ${mostFiles + 1} files, and none of ${mostFiles}`, () => {
    const filesIn = (folder: string, count: number): readonly string[] =>
      Array.from({ length: count }, (_, at) => `${folder}/${at}.ts`);
    const given = [...filesIn('full', mostFiles), ...filesIn('crowded', mostFiles + 1)];
    assert.deepEqual(crowded(given), ['crowded: 21 files, at most 20']);
  });

  it(`finds a file of ${shortLines - 1} lines, and none of ${shortLines}`, () => {
    const given = [shortLines - 1, shortLines].map(
      (lines) => [`${lines}.ts`, 'line\n'.repeat(lines)] as const,
    );
    assert.deepEqual(shortOnes(new Map(given)), ['24.ts']);
  });

  it('finds a circle through three files, and none where two ways lead to one', () => {
    const to = (file: string, next: string): Import => ({ file, to: next });
    assert.deepEqual(circleIn([to('a', 'b'), to('b', 'c'), to('c', 'a')]), ['a', 'b', 'c', 'a']);
    assert.equal(circleIn([to('a', 'b'), to('a', 'c'), to('b', 'd'), to('c', 'd')]), undefined);
  });
});
