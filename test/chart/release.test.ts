/** The SBOM of a release. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { bundle } from '../../image/bundle.ts';
import { packagesIn, sbomOf } from '../../image/sbom.ts';
import { tempDir } from '../temp.ts';

const json = (file: string) => JSON.parse(fs.readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'));
const product = { name: 'realmem', version: '1.2.3', license: 'Apache-2.0' };

describe('the SBOM', () => {
  it('lists exactly the packages in the bundle, each with its licence and hash', async (t) => {
    const directory = tempDir(t);
    await bundle(directory);
    const licenses = fs.readFileSync(path.join(directory, 'THIRD-PARTY-LICENSES'), 'utf8');
    const { components, dependencies, metadata } = sbomOf(product, licenses, json('package-lock.json'));
    const names = components.map(({ group, name }) => (group ? `${group}/${name}` : name));
    assert.deepEqual(
      names,
      // The name of a nested package contains its path.
      packagesIn(licenses).map(({ name }) => name.replace(/^.*\/node_modules\//, '')),
    );
    for (const name of ['@kubernetes/client-node', 'node-cron', 'pino', 'yaml'])
      assert.ok(names.includes(name), name);
    for (const name of ['typescript', 'esbuild']) assert.ok(!names.includes(name), name);
    for (const { name, licenses: known, hashes } of components) {
      assert.doesNotMatch(JSON.stringify(known), /NOASSERTION/, name);
      assert.match(hashes?.[0]?.content ?? '', /^[0-9a-f]{128}$/, name);
    }
    const references = new Set([metadata.component, ...components].map((component) => component['bom-ref']));
    assert.equal(references.size, components.length + 1);
    for (const { ref, dependsOn } of dependencies)
      for (const one of [ref, ...dependsOn]) assert.ok(references.has(one), one);
    const [own] = dependencies;
    assert.ok(own?.dependsOn.some((one) => one.startsWith('pkg:npm/%40kubernetes/client-node@')));
  });

  it('resolves a dependency to the nested package before the top-level one', () => {
    const rule = '-'.repeat(80);
    const licenses = `a 1.0.0: MIT\n\n${rule}\n\na/node_modules/b 2.0.0: (MIT OR ISC)\n\n${rule}\n\nb 1.0.0: MIT\n`;
    const { components, dependencies } = sbomOf(product, licenses, {
      packages: {
        '': { dependencies: { a: '1', b: '1' } },
        'node_modules/a': { version: '1.0.0', license: 'MIT', dependencies: { b: '2', c: '1' } },
        'node_modules/a/node_modules/b': { version: '2.0.0', license: '(MIT OR ISC)' },
        'node_modules/b': { version: '1.0.0', license: 'MIT' },
      },
    });
    assert.deepEqual(dependencies, [
      { ref: 'pkg:npm/realmem@1.2.3', dependsOn: ['pkg:npm/a@1.0.0', 'pkg:npm/b@1.0.0'] },
      { ref: 'pkg:npm/a@1.0.0', dependsOn: ['pkg:npm/b@2.0.0'] },
      { ref: 'pkg:npm/b@2.0.0', dependsOn: [] },
      { ref: 'pkg:npm/b@1.0.0', dependsOn: [] },
    ]);
    assert.deepEqual(components[1]?.licenses, [{ expression: '(MIT OR ISC)' }]);
  });

  it('is refused if package-lock.json has another version of a package than the bundle', () => {
    const lock = { packages: { 'node_modules/a': { version: '2.0.0' } } };
    assert.throws(
      () => sbomOf(product, 'a 1.0.0: MIT\n', lock),
      /package-lock\.json: expected a 1\.0\.0, as in the bundle, got 2\.0\.0/,
    );
  });
});
