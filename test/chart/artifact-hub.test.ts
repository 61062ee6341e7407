/** Artifact Hub reads annotations of the chart whose values are YAML in a string. helm does not check them. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { schemaFaults } from '../report/crd.ts';
import { chart } from './render.ts';

interface Definition {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string }[];
  };
}

interface Entry {
  readonly kind: string;
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly image: string;
  readonly platforms: readonly string[];
  readonly url: string;
}

const root = path.resolve(chart, '../..');
const read = (file: string): string => fs.readFileSync(file, 'utf8');
const { appVersion, annotations } = parse(read(path.join(chart, 'Chart.yaml'))) as {
  readonly appVersion: string;
  readonly annotations: Readonly<Record<string, unknown>>;
};
const textOf = (name: string): string => String(annotations[`artifacthub.io/${name}`]);
const listOf = (name: string): readonly Entry[] => parse(textOf(name)) as readonly Entry[];
const definition = parse(read(path.join(chart, 'files/crds/nodememoryreports.yaml'))) as Definition;

it('Chart.yaml has an icon that is a file of the repository, its home, its sources and its maintainers', () => {
  const { icon, home, sources, maintainers } = parse(read(path.join(chart, 'Chart.yaml'))) as {
    readonly [name: string]: unknown;
  };
  const [, file = ''] = /\/realmem\/realmem\/main\/(.*\.svg)$/.exec(String(icon)) ?? [];
  assert.match(read(path.join(root, file)), /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  assert.equal(`${home}#readme`, JSON.parse(read(path.join(root, 'package.json'))).homepage);
  assert.deepEqual(sources, [home]);
  assert.ok(Array.isArray(maintainers) && maintainers.length > 0);
});

describe('the annotations for Artifact Hub', () => {
  it('are strings, as annotations in Kubernetes', () => {
    for (const [name, value] of Object.entries(annotations)) assert.equal(typeof value, 'string', name);
  });

  it('name only categories and kinds of change that Artifact Hub knows', () => {
    assert.equal(textOf('category'), 'monitoring-logging');
    const kinds = ['added', 'changed', 'deprecated', 'removed', 'fixed', 'security'];
    assert.ok(listOf('changes').length > 0);
    for (const { kind, description } of listOf('changes'))
      assert.ok(kinds.includes(kind) && description !== '', `${kind}: ${description}`);
  });

  it('name the same licence as package.json', () => {
    assert.equal(textOf('license'), JSON.parse(read(path.join(root, 'package.json'))).license);
  });

  it('name the image of this version and the platforms that a release builds', () => {
    const built = /'--platform', '(\S+)'/.exec(read(path.join(root, 'image/release.ts')))?.[1]?.split(',');
    const [image, ...others] = listOf('images');
    assert.deepEqual(others, []);
    assert.equal(image?.image, `ghcr.io/realmem/realmem:${appVersion}`);
    assert.deepEqual(image?.platforms, built);
  });

  it('name the CRD that the chart installs', () => {
    const named = listOf('crds').map(({ kind, version, name }) => ({ kind, version, name }));
    const { metadata, spec } = definition;
    assert.deepEqual(
      named,
      spec.versions.map(({ name }) => ({ kind: spec.names.kind, version: name, name: metadata.name })),
    );
  });

  it('mark the chart as a pre-release while the version of its CRD is alpha or beta', () => {
    const isEarly = definition.spec.versions.some(({ name }) => /alpha|beta/.test(name));
    assert.equal(textOf('prerelease'), String(isEarly));
  });

  it('have an example report that matches the schema of the CRD', () => {
    const examples = listOf('crdsExamples');
    assert.deepEqual(
      examples.map(({ kind }) => kind),
      [definition.spec.names.kind],
    );
    for (const example of examples) assert.deepEqual(schemaFaults(example), []);
  });

  it('link only to files that exist', () => {
    const linked = listOf('links').flatMap(({ url }) => /\/blob\/main\/(.*)$/.exec(url)?.[1] ?? []);
    assert.ok(linked.length > 0);
    for (const file of linked) assert.ok(fs.existsSync(path.join(root, file)), file);
  });
});

it('artifacthub-repo.yml is next to the chart, not in it, and has only known keys', () => {
  assert.ok(!fs.existsSync(path.join(chart, 'artifacthub-repo.yml')));
  const metadata = parse(read(path.join(chart, '../artifacthub-repo.yml'))) as object;
  const known = ['repositoryID', 'owners', 'ignore'];
  for (const key of Object.keys(metadata)) assert.ok(known.includes(key), key);
});
