/** Hashes pin all installed packages and base images. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { basesIn, isPinned, pinned } from '../../image/bases.ts';

const read = (file: string): string => fs.readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

describe('package-lock.json', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    readonly packages: Readonly<
      Record<string, { version?: string; integrity?: string; hasInstallScript?: true; link?: true }>
    >;
  };
  const installed = Object.entries(packages).filter(
    ([place, { link }]) => place.startsWith('node_modules/') && !link,
  );

  it('has the hash of every package', () => {
    for (const [place, { integrity = '' }] of installed) assert.match(integrity, /^sha512-/, place);
  });

  it('has the requested Node for each platform, and allows no install scripts', () => {
    const { optionalDependencies, version } = JSON.parse(read('image/node/package.json'));
    for (const platform of ['linux-x64', 'linux-arm64', 'darwin-x64'])
      assert.equal(optionalDependencies[`node-${platform}`], version, platform);
    for (const [name, wanted] of Object.entries(optionalDependencies)) {
      assert.equal(wanted, version, name);
      assert.equal(packages[`node_modules/${name}`]?.version, version, name);
    }
    assert.equal(read('.nvmrc').trim(), version, '.nvmrc');
    const scripts = installed.filter(([, { hasInstallScript }]) => hasInstallScript);
    // npm runs only the scripts of allowed packages.
    assert.deepEqual(
      JSON.parse(read('package.json')).allowScripts,
      Object.fromEntries(scripts.map(([place]) => [place.replace('node_modules/', ''), false])),
    );
  });
});

describe('the Dockerfile', () => {
  const digest = `sha256:${'0f'.repeat(32)}`;

  it('has its base images as build arguments with a tag as default', () => {
    const bases = basesIn(read('Dockerfile'));
    assert.deepEqual(
      bases.map(({ argument }) => argument),
      ['NODE_IMAGE', 'BASE_IMAGE'],
    );
    for (const { image } of bases) {
      assert.match(image, /^[a-z0-9./-]+:[a-z0-9-]+(@sha256:[0-9a-f]{64})?$/);
      const [tagged = ''] = image.split('@');
      assert.equal(pinned(tagged, digest), `${tagged}@${digest}`);
    }
  });

  it('may name a digest, which a release then uses', () => {
    const text = `ARG A_IMAGE=node:26@${digest}\n${from('A_IMAGE')}\n`;
    assert.deepEqual(basesIn(text), [{ argument: 'A_IMAGE', image: `node:26@${digest}` }]);
    assert.ok(isPinned(`node:26@${digest}`));
    for (const image of ['node:26', 'node:26@sha256:', `node:26@${digest.slice(0, -1)}`])
      assert.ok(!isPinned(image), image);
  });

  const from = (argument: string): string => `FROM $\{${argument}}`;

  it('is refused for a release if a base image has no valid digest or no build argument', () => {
    for (const none of ['', 'sha256:', digest.slice(0, -1), digest.toUpperCase(), '<no value>'])
      assert.throws(
        () => pinned('node:26', none),
        /node:26: expected its digest, sha256:….*nothing is published/,
      );
    assert.throws(() => basesIn('FROM node:26 AS build\nFROM build\n'), /got FROM node:26 AS build/);
    assert.throws(
      () => basesIn(`ARG A_IMAGE=a:1\n${from('A_IMAGE')}\n${from('B_IMAGE')}\n`),
      /got FROM \${B_IMAGE}/,
    );
    assert.deepEqual(basesIn(`ARG A_IMAGE=a:1\n${from('A_IMAGE')} AS build\nFROM build\n`), [
      { argument: 'A_IMAGE', image: 'a:1' },
    ]);
  });
});
