import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parse } from 'yaml';
import { platforms } from '../../image/executable.ts';
import { krewManifest } from '../../image/krew.ts';
import manifest from '../../package.json' with { type: 'json' };

const sums = new Map(platforms.map((platform, index) => [platform, `${index}`.repeat(64)]));
const plugin = parse(krewManifest({ ...manifest, version: '1.2.3' }, sums));

it("krew's manifest has the version with a v, and a description that fits into a line of `kubectl krew search`", () => {
  assert.equal(plugin.metadata.name, 'realmem');
  assert.equal(plugin.spec.version, 'v1.2.3');
  assert.ok(plugin.spec.shortDescription.length <= 50, plugin.spec.shortDescription);
  assert.doesNotMatch(plugin.spec.shortDescription, /kubectl|\.$/);
});

it("krew's manifest names the archive of each architecture in the release of that version, with its hash", () => {
  assert.deepEqual(
    plugin.spec.platforms.map(({ selector, uri, sha256 }: Record<string, unknown>) => [
      selector,
      uri,
      sha256,
    ]),
    ['amd64', 'arm64'].map((arch, index) => [
      { matchLabels: { os: 'linux', arch } },
      `https://github.com/realmem/realmem/releases/download/v1.2.3/kubectl-realmem_linux_${arch}.tar.gz`,
      `${index}`.repeat(64),
    ]),
  );
});
