/** What helm makes of the chart. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { tempDir } from '../temp.ts';
import { chart, helmMissing, manifests, renderManifests, runHelm, template } from './render.ts';

const policyApi = ['--api-versions', 'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy'];
const set = (...values: string[]): string[] => values.flatMap((value) => ['--set', value]);

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly rules?: readonly { readonly verbs: readonly string[] }[];
  readonly data?: Readonly<Record<string, string>>;
}

const objects = (...args: string[]): readonly Manifest[] =>
  parseAllDocuments(template(...args))
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);

const ofKind = (kind: string, manifests: readonly Manifest[]): readonly Manifest[] =>
  manifests.filter((manifest) => manifest.kind === kind);

const policies = (rendered: readonly Manifest[]): readonly string[] =>
  ofKind('ValidatingAdmissionPolicy', rendered).map(({ metadata }) => metadata.name);

/** Every verb of every role that does more than read. */
const writes = (rendered: readonly Manifest[]): readonly string[] =>
  rendered
    .flatMap(({ rules = [] }) => rules.flatMap(({ verbs }) => verbs))
    .filter((verb) => !['get', 'list', 'watch'].includes(verb));

describe('the chart', { skip: helmMissing() ?? false }, () => {
  it('passes helm lint', () => {
    runHelm('lint', '--strict', chart, '--kube-version', '1.34.0');
  });

  it('renders what the manifests are', () => {
    assert.equal(renderManifests(), fs.readFileSync(manifests, 'utf8'), 'npm run manifests');
  });

  const allPolicies = ['realmem-configmaps', 'realmem-pods', 'realmem-reports'];
  const cases = [
    { title: 'auto where the API has policies', args: policyApi, policy: true, verbs: true },
    { title: 'auto where it has none, or was not asked', args: [], policy: false, verbs: false },
    { title: 'true', args: set('policy.enabled=true'), policy: true, verbs: true },
    { title: 'false', args: [...policyApi, ...set('policy.enabled=false')], policy: false, verbs: false },
    {
      title: 'false, unguarded writes allowed',
      args: set('policy.enabled=false', 'allowUnguardedWrites=true'),
      policy: false,
      verbs: true,
    },
    {
      title: 'false, a text that says no',
      args: [...set('policy.enabled=false'), '--set-string', 'allowUnguardedWrites=false'],
      policy: false,
      verbs: false,
    },
  ];
  for (const { title, args, policy, verbs } of cases)
    it(`policy ${title}: ${policy ? 'policies' : 'no policy'}, ${verbs ? 'rights' : 'no right'} to write`, () => {
      const rendered = objects(...args);
      assert.deepEqual([...policies(rendered)].sort(), policy ? allPolicies : []);
      const bindings = ofKind('ValidatingAdmissionPolicyBinding', rendered);
      assert.equal(bindings.length, policy ? allPolicies.length : 0);
      assert.deepEqual(
        [...writes(rendered)].sort(),
        verbs ? ['create', 'create', 'patch', 'patch', 'patch'] : [],
      );
    });

  it('says to the agent whether it may write unguarded', () => {
    const config = (...args: string[]): string | undefined =>
      ofKind('ConfigMap', objects(...args))[0]?.data?.['config.yaml'];
    assert.match(config() ?? '', /^allowUnguardedWrites: false$/m);
    assert.match(config(...set('allowUnguardedWrites=true')) ?? '', /^allowUnguardedWrites: true$/m);
    // The value alone says it.
    assert.match(config(...set('config.allowUnguardedWrites=true')) ?? '', /^allowUnguardedWrites: false$/m);
  });

  it('names no ConfigMap so that a node of some name could write it', () => {
    for (const name of ['realmem', 'realmem-x', 'realmem-config'])
      for (const { metadata } of ofKind('ConfigMap', objects(...set(`fullnameOverride=${name}`))))
        assert.doesNotMatch(metadata.name, /^realmem-/);
  });

  it('keeps the definition of reports, unless told otherwise', () => {
    const kept = (...args: string[]): readonly (string | undefined)[] =>
      ofKind('CustomResourceDefinition', objects(...args)).map(
        ({ metadata }) => metadata.annotations?.['helm.sh/resource-policy'],
      );
    assert.deepEqual(kept(), ['keep']);
    assert.deepEqual(kept(...set('crds.keep=false')), [undefined]);
    assert.deepEqual(kept(...set('crds.install=false')), []);
  });

  it('renders every object once, whatever is set', () => {
    const everything = set(
      'policy.enabled=true',
      'commonLabels.team=a',
      'podLabels.pod=b',
      'podAnnotations.note=c',
      'serviceAccount.annotations.note=d',
      'imagePullSecrets[0].name=e',
      'priorityClassName=f',
      'extraArgs[0]=--log-level=debug',
      'extraEnv[0].name=G',
      'extraVolumes[0].name=h',
      'extraVolumeMounts[0].name=h',
      'image.digest=sha256:0',
      'affinity.nodeAffinity.i=j',
    );
    const names = objects(...everything).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    assert.deepEqual(names, [...new Set(names)]);
    assert.match(template(...everything), /image: registry\.example\.org\/realmem@sha256:0$/m);
  });

  for (const [value, message] of [
    ['policy.enabled=yes', /policy\.enabled is "yes": it takes auto, true or false/],
    ['allowUnguardedWrites=please', /allowUnguardedWrites is "please": it takes true or false/],
    ['config.probeAddress=off', /config\.probeAddress is "off": it takes an address with a port/],
  ] as const)
    it(`refuses ${value}`, () => {
      assert.throws(() => template(...set(value)), message);
    });

  it('says in its notes who may write, and what to do where nobody may', (t) => {
    // helm shows notes to a cluster alone: here another template takes them in.
    const copy = tempDir(t);
    fs.cpSync(chart, copy, { recursive: true });
    const wrapped = `kind: Notes
text: |
  {{- include (print $.Template.BasePath "/NOTES.txt") . | nindent 2 }}
`;
    fs.writeFileSync(path.join(copy, 'templates/notes.yaml'), wrapped);
    const notes = (...values: string[]): string =>
      runHelm(
        ...['template', 'realmem', copy, '--kube-version', '1.34.0', '-s', 'templates/notes.yaml'],
        ...set(...values),
      );
    assert.match(notes(), /NO REPORTS ARE WRITTEN.*policy\.enabled is auto/s);
    assert.match(notes('policy.enabled=false'), /NO REPORTS ARE WRITTEN.*policy\.enabled is false/s);
    assert.match(notes('allowUnguardedWrites=true'), /WARNING: agents may write, and NO POLICY/);
    assert.match(notes('policy.enabled=true'), /policies hold each agent to its own node/);
    assert.doesNotMatch(notes('policy.enabled=true'), /NO REPORTS|WARNING/);
  });
});
