/** Checks that the files and commands in the documents for contributors exist. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';

const root = new URL('../../', import.meta.url);
const read = (file: string): string => fs.readFileSync(new URL(file, root), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };

/** Folders whose files the documents name. */
const file = /(?<![\w/.])(?:src|test|fixtures|charts|docs|image|\.github)\/[\w./*-]*[\w*](?![\w\\])/g;
/** `NAME` and `*` are placeholders. */
const isPattern = (name: string): boolean => /NAME|\*/.test(name);

const documents = [
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CODE_OF_CONDUCT.md',
  '.github/PULL_REQUEST_TEMPLATE.md',
  ...fs.readdirSync(new URL('.github/ISSUE_TEMPLATE', root)).map((name) => `.github/ISSUE_TEMPLATE/${name}`),
];

for (const document of documents)
  describe(document, () => {
    const text = read(document);

    it('names only files that exist', () => {
      const named = [...new Set([...text.matchAll(file)].map(([name]) => name))].filter(
        (name) => !isPattern(name),
      );
      const missing = named.filter((name) => !fs.existsSync(new URL(name, root)));
      assert.deepEqual(missing, []);
    });

    it('names only scripts that package.json has', () => {
      const named = [...text.matchAll(/`[^`]*?\bnpm run ([\w:]+)/g)].map(([, name = '']) => name);
      for (const name of named) assert.ok(scripts[name] !== undefined, `npm run ${name}`);
    });

    it('links only to files that exist', () => {
      const linked = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target = '']) => target);
      const base = new URL(document, root);
      for (const target of linked) assert.ok(fs.existsSync(new URL(target, base)), target);
    });
  });

it('CONTRIBUTING.md names only parts that .ci/run has', () => {
  const [, parts = ''] = /^parts=\((.*)\)$/m.exec(read('.ci/run')) ?? [];
  for (const [, named = ''] of read('CONTRIBUTING.md').matchAll(/`\.ci\/run ([^`]+)`/g))
    for (const part of named.split(' ')) assert.ok(parts.split(' ').includes(part), part);
});
