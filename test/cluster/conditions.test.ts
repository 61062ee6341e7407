/** Tests the conditions of reports in a real API server: `kubectl wait`, and agents and CRDs of different versions. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { openAccess } from '../../src/kube/access.ts';
import { ApiError } from '../../src/kube/api-error.ts';
import { type Kube, openKube } from '../../src/kube/client.ts';
import { reportsPath } from '../../src/model/product.ts';
import { conditionsOf, publishedOf } from '../../src/publish/publish.ts';
import type { PublishedReport } from '../../src/publish/published.ts';
import { nodeReportSink } from '../../src/publish/report-sink.ts';
import { WriteSchedule } from '../../src/publish/schedule.ts';
import { recorded } from '../report/reports.ts';
import { openBed } from './bed/bed.ts';
import { chart } from './release/release.ts';

const bed = await openBed();
const definition = 'crd/nodememoryreports.realmem.dev';
const report = recorded('kubernetes-v2-systemd');
const { name } = report.metadata;
const text = fs.readFileSync(`${chart}/files/crds/nodememoryreports.yaml`, 'utf8');

interface Schema {
  readonly properties: Record<string, { items: Schema } & Schema>;
  required: string[];
}

/** The CRD of 0.1.0: without the fields that are newer, and with required conditions. */
function oldDefinition(): string {
  const crd = parse(text) as { spec: { versions: [{ schema: { openAPIV3Schema: Schema } }] } };
  const root = crd.spec.versions[0].schema.openAPIV3Schema;
  const at = ({ properties }: Schema, field: string): { items: Schema } & Schema => {
    const found = properties[field];
    if (found === undefined) throw new Error(`the CRD lacks ${field}`);
    return found;
  };
  const pod = at(root, 'pods').items;
  const container = at(pod, 'containers').items;
  const newer: readonly [Schema, readonly string[]][] = [
    [root, ['status']],
    [at(root, 'node'), ['workingSet']],
    [pod, ['request', 'limit']],
    [container, ['usage', 'workingSet', 'suggestLimit', 'ooms']],
  ];
  for (const [{ properties }, fields] of newer)
    for (const field of fields) if (!delete properties[field]) throw new Error(`the CRD lacks ${field}`);
  root.required.push('conditions');
  return JSON.stringify(crd);
}

async function define(crd: string, shown: boolean): Promise<void> {
  await bed.apply(crd);
  await bed.kubectl('wait', '--for=condition=Established', definition, '--timeout=30s');
  // The API server uses a new schema shortly after it accepts it.
  await bed.waitFor('the schema', async () => {
    const fields = await bed.kubectl('explain', 'nmr');
    return /^ {2}status\t/m.test(fields) === shown;
  });
}

const stored = async (): Promise<PublishedReport> =>
  JSON.parse(await bed.kubectl('get', 'nmr', name, '--output', 'json')) as PublishedReport;

const isComplete = (): Promise<string> =>
  bed.kubectl('wait', '--for=condition=Complete', `nmr/${name}`, '--timeout=5s');

let kube: Kube;

/** Writes the report as an agent does. @returns the refusals */
async function write(object: (whole: PublishedReport) => object): Promise<readonly string[]> {
  const refusals: string[] = [];
  let at = 1e9;
  const sink = nodeReportSink({
    name: 'node report',
    api: kube,
    path: () => `${reportsPath}/${name}`,
    render: (given) => ({ object: object(publishedOf(given)), news: String(at) }),
    schedule: new WriteSchedule({ periodMs: () => 0, spreadMs: () => 0, offset: 0, random: () => 0 }),
    now: () => at,
    ended: (fault) => {
      if (fault instanceof ApiError) refusals.push(fault.message);
    },
  });
  for (let attempt = 1; attempt <= 4; attempt++, at += 60_000) {
    try {
      await sink.write(report);
      return refusals;
    } catch (error) {
      if (attempt === 4) throw error;
    }
  }
  return refusals;
}

const asToday = (whole: PublishedReport): object => whole;

/** The report of an agent of 0.1.0. */
function asBefore({ status: _, node, pods, ...rest }: PublishedReport): object {
  const { workingSet: __, ...old } = node ?? {};
  return {
    ...rest,
    node: old,
    pods: pods.map(({ request: _, limit: __, containers, ...pod }) => ({
      ...pod,
      containers: containers.map(
        ({ usage: _, workingSet: __, suggestLimit: ___, ooms: ____, ...container }) => container,
      ),
    })),
  };
}

before(async () => {
  kube = openKube((await openAccess({ file: bed.kubeconfig, env: {} })).credentials);
});

after(async () => {
  kube.close();
  await bed.kubectl('delete', definition, '--ignore-not-found');
});

describe('the conditions of a report', () => {
  it('are in status and in their old place with an agent and a CRD of today, and kubectl waits for Complete', async () => {
    await define(text, true);
    assert.deepEqual(await write(asToday), []);
    const { status, conditions } = await stored();
    assert.deepEqual(status?.conditions, publishedOf(report).conditions);
    assert.deepEqual(conditions, status?.conditions);
    assert.match(await isComplete(), /condition met/);
  });

  it('lose their place in status when an agent of 0.1.0 writes the report', async () => {
    assert.deepEqual(await write(asBefore), []);
    const { status, conditions } = await stored();
    assert.deepEqual([status, conditions], [undefined, publishedOf(report).conditions]);
    await assert.rejects(isComplete());
  });

  it('are in their old place with a CRD of 0.1.0, whose refusals name status and every other new field', async (t) => {
    await define(oldDefinition(), false);
    const refusals = await write(asToday);
    for (const refusal of refusals) t.diagnostic(refusal);
    assert.match(refusals.join('\n'), /\.status: field not declared in schema/);
    const found = await stored();
    assert.equal(found.status, undefined);
    assert.deepEqual(conditionsOf(found), publishedOf(report).conditions);
    assert.ok(found.pods.length > 0);
  });

  it('are in status again after the upgrade of the CRD', async () => {
    await define(text, true);
    assert.deepEqual(await write(asToday), []);
    assert.match(await isComplete(), /condition met/);
  });
});
