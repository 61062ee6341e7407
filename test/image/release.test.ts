/** The checksums of a release: which files they cover. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { sumsOf } from '../../image/release.ts';
import { tempDir } from '../temp.ts';

it('covers each file of a release but the sums and their signature', (test) => {
  const directory = tempDir(test);
  const file = (name: string) => path.join(directory, name);
  fs.mkdirSync(file('chart'));
  for (const name of ['chart/realmem-1.2.3.tgz', 'digests', 'image.json', 'SHA256SUMS.sigstore.json'])
    fs.writeFileSync(file(name), name);
  fs.writeFileSync(file('SHA256SUMS'), sumsOf(directory));
  const sumOf = (text: string) => createHash('sha256').update(text).digest('hex');
  assert.deepEqual(
    sumsOf(directory).trim().split('\n'),
    ['chart/realmem-1.2.3.tgz', 'digests', 'image.json'].map((name) => `${sumOf(name)}  ${name}`),
  );
  assert.equal(sumsOf(directory), fs.readFileSync(file('SHA256SUMS'), 'utf8'), 'the same when written again');
});
