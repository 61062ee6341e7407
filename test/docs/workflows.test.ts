/** Checks our rules for the workflows of hosted CI. `actionlint` checks the syntax (CONTRIBUTING.md). */
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

it('.github/workflows has a workflow for each tier', () =>
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

    it('grants only read access at the top level, and more only in a job', () => {
      const granted = Object.entries(workflow.permissions ?? { missing: 'write' });
      for (const [scope, access] of granted) assert.equal(access, 'read', scope);
    });

    it('never runs on pull_request_target or workflow_run, which give secrets to foreign code', () => {
      for (const event of ['pull_request_target', 'workflow_run']) assert.ok(!(event in workflow.on), event);
    });

    it('persists no credentials of a checkout', () => {
      const checkouts = steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout@'));
      for (const { with: options } of checkouts) assert.equal(options?.['persist-credentials'], false);
    });

    it('has no expression in a script, because foreign text must come through the environment', () => {
      for (const { run = '' } of steps) assert.doesNotMatch(run, /\$\{\{/);
    });

    it('pins each action to a commit, with the version in a comment', () => {
      for (const [line, action = ''] of text.matchAll(/^.*\buses: (\S+).*$/gm))
        if (!action.startsWith('./')) assert.match(line, /@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, line);
    });

    it('has a timeout for each job', () => {
      for (const [name, { uses, 'timeout-minutes': minutes }] of jobs)
        if (uses === undefined) assert.ok(minutes !== undefined, name);
    });

    it('uses the Node version of the image', () => {
      const setups = steps.filter(({ uses = '' }) => uses.startsWith('actions/setup-node@'));
      for (const { with: options } of setups) assert.equal(options?.['node-version-file'], '.nvmrc');
    });

    it('uses the helm version of the cluster tests', () => {
      const [, version] = /helm\.sh\/helm\/v3 (v\S+)/.exec(read('test/cluster/go/helm/go.mod')) ?? [];
      const setups = steps.filter(({ uses = '' }) => uses.startsWith('azure/setup-helm@'));
      for (const { with: options } of setups) assert.equal(options?.['version'], version);
    });
  });
}

describe('release.yml', () => {
  const { on, jobs } = parse(read(`${folder}/release.yml`)) as Workflow;

  it('runs only for version tags', () => assert.deepEqual(on, { push: { tags: ['v*'] } }));

  it('lets one job write packages and request an ID token, and another one write the release', () => {
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

  it('publishes only through npm run release', () => {
    const scripts = Object.values(jobs).flatMap(({ steps = [] }) => steps.map(({ run = '' }) => run));
    const text = scripts.join('\n');
    assert.match(text, /npm run release -- --registry/);
    assert.doesNotMatch(text, /npm publish|helm push|docker (buildx )?(build|push)/);
  });

  it('signs checksums that it makes after the last file of the release', () => {
    const steps = jobs['publish']?.steps ?? [];
    const signs = steps.findIndex(({ run = '' }) => run.includes('cosign sign-blob'));
    const { run = '' } = steps[signs] ?? {};
    assert.match(run, />dist\/release\/digests\n.*release\.ts --sums\n.*cosign sign-blob/s);
    for (const { run: later = '' } of steps.slice(signs + 1)) assert.doesNotMatch(later, /dist\/release/);
  });
});
