/** Checks that the files and folders of this repository that documents name between backticks exist. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const exists = (file: string): boolean => fs.existsSync(path.join(root, file));

const architecture = 'ARCHITECTURE.md';
/** Except CHANGELOG.md: it names files of older versions. */
const documents = fs
  .globSync(['*.md', 'docs/**/*.md'], { cwd: root })
  .filter((file) => file !== 'CHANGELOG.md')
  .sort();

/** They look like paths here: a subresource of the API, and a folder of Netdata. */
const others = new Set(['pods/status', 'src/collectors/cgroups.plugin']);

/** Paths with at least two names. Placeholders such as `<node>` and `*` match nothing. */
const pathsIn = (text: string): readonly string[] =>
  [...text.matchAll(/`([\w.-]+(?:\/[\w.-]+)*\/[\w.-]*)`/g)].map(([, name = '']) => name);

/** @returns whether the path begins with a folder of this repository and leads nowhere */
function isMissing(name: string, document: string): boolean {
  if (others.has(name) || name.startsWith('./') || name.includes('NAME')) return false;
  // ARCHITECTURE.md names the files of src/ from there.
  const bases = document === architecture ? ['src/', ''] : [''];
  const [first = ''] = name.split('/');
  return bases.some((base) => exists(base + first)) && !bases.some((base) => exists(base + name));
}

describe('the documents', () => {
  for (const document of documents)
    it(`${document} names only files and folders that exist`, () => {
      const text = fs.readFileSync(path.join(root, document), 'utf8');
      const missing = pathsIn(text).filter((name) => isMissing(name, document));
      assert.deepEqual(missing, []);
    });

  it('fail for a path that does not exist, from the root and from src/', () => {
    assert.deepEqual(
      pathsIn('`src/agent/no.ts` `agent/no.ts` `agent/tick.ts` `src/agent/` `a.ts` `shop/cart`').map(
        (name) => [name, isMissing(name, architecture)],
      ),
      [
        ['src/agent/no.ts', true],
        ['agent/no.ts', true],
        ['agent/tick.ts', false],
        ['src/agent/', false],
        ['shop/cart', false],
      ],
    );
  });
});
