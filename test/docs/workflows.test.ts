/** What matters to us in the workflows of hosted CI. `actionlint` knows the syntax (CONTRIBUTING.md). */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly uses?: string;
  readonly steps?: readonly Step[];
  readonly permissions?: unknown;
  readonly 'timeout-minutes'?: unknown;
  readonly strategy?: { readonly matrix?: { readonly include?: readonly { readonly part?: string }[] } };
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const root = new URL('../../', import.meta.url);
const read = (file: string): string => fs.readFileSync(new URL(file, root), 'utf8');
const folder = '.github/workflows';
const files = fs.readdirSync(new URL(folder, root)).sort();
const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };

it('there is a workflow for each tier', () =>
  assert.deepEqual(files, ['check.yml', 'nightly.yml', 'release.yml']));

for (const file of files) {
  const text = read(`${folder}/${file}`);
  const workflow = parse(text) as Workflow;
  const jobs = Object.entries(workflow.jobs);
  const steps = jobs.flatMap(([, { steps = [] }]) => steps);

  describe(file, () => {
    it('calls only npm scripts that package.json has', () => {
      const called = steps.flatMap(({ run = '' }) =>
        [...run.matchAll(/\bnpm (?:run (?:--silent )?(\S+)|(test|start)\b)/g)].map(
          ([, a, b]) => a ?? b ?? '',
        ),
      );
      for (const name of called) assert.ok(scripts[name] !== undefined, `npm run ${name}`);
    });

    it('calls only parts that .ci/run has', () => {
      const [, known = ''] = /^parts=\((.*)\)$/m.exec(read('.ci/run')) ?? [];
      for (const [, { strategy }] of jobs)
        for (const { part = '' } of strategy?.matrix?.include ?? [])
          assert.ok(known.split(' ').includes(part), part);
    });

    it('grants nothing but reading to all jobs, and what a job may beyond that in the job', () => {
      const granted = Object.entries(workflow.permissions ?? { missing: 'write' });
      for (const [scope, access] of granted) assert.equal(access, 'read', scope);
    });

    it('never runs on pull_request_target or workflow_run, which give secrets to code of others', () => {
      for (const event of ['pull_request_target', 'workflow_run']) assert.ok(!(event in workflow.on), event);
    });

    it('leaves no credentials of a checkout behind', () => {
      const checkouts = steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout@'));
      for (const { with: options } of checkouts) assert.equal(options?.['persist-credentials'], false);
    });

    it('puts no expression into a script: texts of others come by the environment', () => {
      for (const { run = '' } of steps) assert.doesNotMatch(run, /\$\{\{/);
    });

    it('names each action by its commit, with the version beside it', () => {
      for (const [line, action = ''] of text.matchAll(/^.*\buses: (\S+).*$/gm))
        if (!action.startsWith('./')) assert.match(line, /@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, line);
    });

    it('ends each job after some time', () => {
      for (const [name, { uses, 'timeout-minutes': minutes }] of jobs)
        if (uses === undefined) assert.ok(minutes !== undefined, name);
    });

    it('runs on the Node of the image', () => {
      const setups = steps.filter(({ uses = '' }) => uses.startsWith('actions/setup-node@'));
      for (const { with: options } of setups) assert.equal(options?.['node-version-file'], '.nvmrc');
    });

    it('takes the helm that the cluster tests take', () => {
      const [, version] = /helm\.sh\/helm\/v3 (v\S+)/.exec(read('test/cluster/go/helm/go.mod')) ?? [];
      const setups = steps.filter(({ uses = '' }) => uses.startsWith('azure/setup-helm@'));
      for (const { with: options } of setups) assert.equal(options?.['version'], version);
    });
  });
}

describe('release.yml', () => {
  const { on, jobs } = parse(read(`${folder}/release.yml`)) as Workflow;

  it('starts by a tag of a version alone', () => assert.deepEqual(on, { push: { tags: ['v*'] } }));

  it('lets one job write packages and identify itself, and another write the release', () => {
    const writes = Object.entries(jobs).map(([name, { permissions = {} }]) => [
      name,
      Object.entries(permissions as Readonly<Record<string, string>>)
        .filter(([, access]) => access === 'write')
        .map(([scope]) => scope),
    ]);
    assert.deepEqual(Object.fromEntries(writes), {
      check: [],
      publish: ['packages', 'id-token'],
      github: ['contents'],
    });
  });

  it('publishes by npm run release, and by nothing beside it', () => {
    const scripts = Object.values(jobs).flatMap(({ steps = [] }) => steps.map(({ run = '' }) => run));
    const text = scripts.join('\n');
    assert.match(text, /npm run release -- --registry/);
    assert.doesNotMatch(text, /npm publish|helm push|docker (buildx )?(build|push)/);
  });
});
