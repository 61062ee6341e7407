/** Tests of the chart and the manifests that need no helm. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { type Defaults, readConfig } from '../../src/agent/config.ts';
import { policyMessage } from '../../src/kube/policy-check.ts';
import { sumOf } from './helm.ts';
import { alerts, chart, readManifests, sumOfChart } from './render.ts';

for (const [name, file] of [
  ['manifests/realmem.yaml', undefined],
  ['manifests/alerts.yaml', alerts],
] as const)
  describe(name, () => {
    const { chart: chartSum, body, text } = readManifests(file);

    it('was rendered from the current chart', () => {
      assert.equal(chartSum, sumOfChart(), 'the chart has changed: run npm run manifests');
    });

    it('was not edited by hand', () => {
      assert.equal(body, sumOf(text), 'edited by hand: change the chart instead, then run npm run manifests');
    });
  });

describe('manifests/realmem.yaml', () => {
  const { text } = readManifests();

  it('grants write access to reports, ConfigMaps and pods/status only', () => {
    const rules = parseAllDocuments(text).flatMap((document) => (document.toJS() as Manifest).rules ?? []);
    const writing = rules.filter(({ verbs }) =>
      verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)),
    );
    const rights = writing.map(({ resources, verbs }) => `${verbs.join(', ')} ${resources.join(', ')}`);
    assert.deepEqual(rights.sort(), [
      'create, patch nodememoryreports',
      'create, patch, get configmaps',
      // For the CronJob that deletes the histories of nodes that are gone.
      'list, delete configmaps',
      'patch pods/status',
    ]);
  });

  it('has a configuration that the agent accepts', () => {
    const configs = parseAllDocuments(text).flatMap((document) => {
      const { kind, data } = document.toJS() as Manifest;
      return kind === 'ConfigMap' ? [data?.['config.yaml'] ?? ''] : [];
    });
    assert.equal(configs.length, 1);
    const file = { name: 'config.yaml', text: configs[0] ?? '' };
    const config = readConfig({ flags: {}, env: {}, file, defaults: {} as Defaults });
    assert.equal(config.root, '/host');
    assert.deepEqual(config.probeAddress, { port: 9643 });
    assert.deepEqual(config.annotationNamespaces, { excluded: ['kube-system'] });
  });

  it('lists the policies before the roles and before the agent', () => {
    const kinds = parseAllDocuments(text).map((document) => (document.toJS() as Manifest).kind);
    const lastPolicy = kinds.findLastIndex((kind) => kind.startsWith('ValidatingAdmissionPolicy'));
    assert.ok(lastPolicy > 0);
    assert.ok(kinds.indexOf('ClusterRole') > lastPolicy && kinds.indexOf('DaemonSet') > lastPolicy);
  });

  it('has the policy message by which the agent recognizes a refusal', () => {
    assert.ok(text.includes(`message: ${policyMessage}\n`));
  });

  it('does not mention helm', () => {
    assert.doesNotMatch(text, /helm/i);
  });
});

interface Manifest {
  readonly kind: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly rules?: readonly { readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
}

interface Schema {
  readonly description?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-int-or-string'?: boolean;
}

interface Version {
  readonly additionalPrinterColumns: readonly { name: string; jsonPath: string; type: string }[];
  readonly schema: { readonly openAPIV3Schema: Schema };
}

describe('the CRD NodeMemoryReport', () => {
  const file = path.join(chart, 'files/crds/nodememoryreports.yaml');
  const [version] = parse(fs.readFileSync(file, 'utf8')).spec.versions as [Version];
  const schemas = [...below('', version.schema.openAPIV3Schema)];

  it('has a description of every field, for kubectl explain', () => {
    const silent = schemas.filter(([place, { description }]) => !place.endsWith('[]') && !description);
    assert.deepEqual(silent, []);
  });

  it('has a type for every field', () => {
    const untyped = schemas.filter(
      ([, schema]) => (schema.type === undefined) !== (schema['x-kubernetes-int-or-string'] === true),
    );
    assert.deepEqual(untyped, []);
  });

  it('has only atomic lists, because managedFields of other lists would be larger than the report', () => {
    const lists = schemas.filter(([, { type }]) => type === 'array');
    assert.deepEqual(
      lists.map(([place]) => place),
      ['.pods', '.pods[].containers', '.status.conditions', '.conditions'],
    );
    for (const [place, schema] of lists) assert.equal(schema['x-kubernetes-list-type'], 'atomic', place);
  });

  it('has only printer columns whose fields are in the schema', () => {
    const columns = version.additionalPrinterColumns;
    assert.deepEqual(
      columns.map(({ name, jsonPath, type }) => `${name} ${jsonPath} ${type}`),
      [
        'Real .node.real string',
        'Used .node.used string',
        'Capacity .node.capacity string',
        'Real% .node.realPercent integer',
        'Pods .node.pods integer',
        'OOMs .node.ooms integer',
        'Seen .observed.at date',
      ],
    );
    const places = schemas.map(([place]) => place);
    for (const { jsonPath } of columns) assert.ok(places.includes(jsonPath), jsonPath);
  });
});

/** A schema and all schemas within it, each with its path. */
function* below(place: string, schema: Schema): Generator<readonly [string, Schema]> {
  yield [place, schema];
  if (schema.items) yield* below(`${place}[]`, schema.items);
  for (const [name, field] of Object.entries(schema.properties ?? {}))
    yield* below(`${place}.${name}`, field);
}
