/** What helm makes of the chart. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { skipWhere } from '../needs.ts';
import { tempDir } from '../temp.ts';
import { type Manifest, objectsOf, ofKind } from './objects.ts';
import {
  caseFile,
  chart,
  helmMissing,
  manifests,
  renderManifests,
  runHelm,
  template,
  templateWithHooks,
  cases as valueFiles,
} from './render.ts';

const kubernetes = (version: string): string[] => ['--kube-version', version];
const set = (...values: string[]): string[] => values.flatMap((value) => ['--set', value]);

const objects = (...args: string[]): readonly Manifest[] => objectsOf(template(...args));

const policies = (rendered: readonly Manifest[]): readonly string[] =>
  ofKind('ValidatingAdmissionPolicy', rendered).map(({ metadata }) => metadata.name);

/** Every verb of every role that does more than read. */
const writes = (rendered: readonly Manifest[]): readonly string[] =>
  rendered
    .flatMap(({ rules = [] }) => rules.flatMap(({ verbs }) => verbs))
    .filter((verb) => !['get', 'list', 'watch'].includes(verb));

describe('the chart', { skip: skipWhere(helmMissing()) }, () => {
  for (const name of valueFiles)
    it(`passes helm lint with ${name}, and renders every object once`, () => {
      runHelm('lint', '--strict', chart, '--kube-version', '1.34.0', '--values', caseFile(name));
      const rendered = objectsOf(templateWithHooks('--values', caseFile(name)));
      const names = rendered.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      assert.deepEqual(names, [...new Set(names)]);
    });

  it('renders what the manifests are', () => {
    assert.equal(renderManifests(), fs.readFileSync(manifests, 'utf8'), 'npm run manifests');
  });

  const allPolicies = ['realmem-collect', 'realmem-configmaps', 'realmem-pods', 'realmem-reports'];
  const cases = [
    // As providers call theirs, and as Argo CD and Flux tell helm.
    ...['1.30.0', '1.34.0', 'v1.34.1-gke.1', 'v1.30.0-eks-3025e55', 'v1.31.2+k3s1', '1.30.0-rc.1'].map(
      (version) => ({
        title: `auto for Kubernetes ${version}`,
        args: kubernetes(version),
        policy: true,
        verbs: true,
      }),
    ),
    ...['1.28.0', '1.29.14', 'v1.29.3-gke.100', 'v1.28.1-eks-1'].map((version) => ({
      title: `auto for Kubernetes ${version}`,
      args: kubernetes(version),
      policy: false,
      verbs: false,
    })),
    {
      title: 'true, whatever the version',
      args: [...kubernetes('1.29.0'), ...set('policy.enabled=true')],
      policy: true,
      verbs: true,
    },
    { title: 'false', args: set('policy.enabled=false'), policy: false, verbs: false },
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
        // To delete is the right of what collects old histories, and of no agent.
        verbs ? ['create', 'create', 'delete', 'patch', 'patch', 'patch'] : [],
      );
    });

  it('cleans up where helm installs it, and not in what is rendered without the API, to be applied as it is', () => {
    const jobs = (...args: string[]): number => ofKind('Job', objectsOf(templateWithHooks(...args))).length;
    const jobApi = ['--api-versions', 'batch/v1/Job'];
    assert.equal(jobs(), 0);
    assert.equal(jobs(...jobApi), 1);
    assert.equal(jobs(...set('cleanup.enabled=true')), 1);
    assert.equal(jobs(...jobApi, '--set-string', 'cleanup.enabled=false'), 0);
  });

  it('says to the agent whether it may write unguarded', () => {
    const config = (...args: string[]): string | undefined =>
      ofKind('ConfigMap', objects(...args))[0]?.data?.['config.yaml'];
    assert.match(config() ?? '', /^allowUnguardedWrites: false$/m);
    assert.match(config(...set('allowUnguardedWrites=true')) ?? '', /^allowUnguardedWrites: true$/m);
    // The value alone says it.
    assert.throws(() => config(...set('config.allowUnguardedWrites=true')), /allowUnguardedWrites/);
  });

  it('asks who reads the metrics where that is wanted, by roles that then alone are there', () => {
    const reviews = (rendered: readonly Manifest[]): readonly string[] =>
      rendered.flatMap(({ rules = [] }) =>
        rules.flatMap(({ resources = [], verbs }) =>
          resources.filter((one) => one.endsWith('reviews')).map((one) => `${verbs.join()} ${one}`),
        ),
      );
    const readers = (rendered: readonly Manifest[]) =>
      ofKind('ClusterRole', rendered).filter(({ metadata }) => metadata.name === 'realmem-metrics-reader');
    const schemes = (rendered: readonly Manifest[]): number =>
      JSON.stringify(ofKind('DaemonSet', rendered)).split('"scheme":"HTTPS"').length - 1;
    const off = objects();
    assert.deepEqual([reviews(off), readers(off), schemes(off)], [[], [], 0]);
    const on = objects(...set('metrics.auth.enabled=true'));
    assert.deepEqual(reviews(on), ['create tokenreviews', 'create subjectaccessreviews']);
    assert.deepEqual(readers(on)[0]?.rules, [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }]);
    assert.equal(schemes(on), 3, 'each probe speaks TLS');
    const configOf = (rendered: readonly Manifest[]) =>
      ofKind('ConfigMap', rendered)[0]?.data?.['config.yaml'] ?? '';
    assert.match(configOf(on), /^metricsAuth: true$/m);
    assert.doesNotMatch(configOf(on), /tls/);
    const secret = ['metrics.auth.enabled=true', 'metrics.auth.certificateSecret=agents'];
    const certified = objects(...set(...secret));
    assert.match(configOf(certified), /^tlsCertFile: \/etc\/realmem-tls\/tls.crt$/m);
    assert.match(JSON.stringify(ofKind('DaemonSet', certified)), /"secretName":"agents"/);
  });

  it('tells Prometheus how to ask for metrics that need a token', () => {
    const endpoint = (kind: string, ...values: string[]) => {
      const spec = ofKind(kind, objects(...set('metrics.auth.enabled=true', ...values)))[0]
        ?.spec as unknown as {
        readonly endpoints?: readonly object[];
        readonly podMetricsEndpoints?: readonly object[];
      };
      return { ...(spec.endpoints ?? spec.podMetricsEndpoints)?.[0] } as Record<string, unknown>;
    };
    const plain = endpoint('ServiceMonitor', 'serviceMonitor.enabled=true');
    assert.equal(plain['scheme'], 'https');
    assert.deepEqual(plain['tlsConfig'], { insecureSkipVerify: true });
    assert.match(String(plain['bearerTokenFile']), /^\/var\/run\/secrets\//);
    const checked = endpoint(
      'PodMonitor',
      'podMonitor.enabled=true',
      ...['certificateSecret=agents', 'serverName=a.b', 'tokenSecret.name=t'].map(
        (one) => `metrics.auth.${one}`,
      ),
    );
    assert.deepEqual(checked['tlsConfig'], {
      ca: { secret: { name: 'agents', key: 'ca.crt' } },
      serverName: 'a.b',
    });
    assert.deepEqual(checked['authorization'], { credentials: { name: 't', key: 'token' } });
    assert.throws(
      () => endpoint('PodMonitor', 'podMonitor.enabled=true'),
      /a PodMonitor takes the token from a Secret alone; set metrics\.auth\.tokenSecret\.name/,
    );
  });

  it('names no ConfigMap so that a node of some name could write it, whatever the release is called', () => {
    const name = fc.oneof(
      fc.constantFrom(
        'realmem',
        'realmem-',
        'realmem-x',
        'history',
        'history-',
        'config-realmem',
        'dashboard',
      ),
      fc.stringMatching(/^(realmem-|history-)?[a-z0-9]([a-z0-9-]{0,70}[a-z0-9])?$/),
    );
    fc.assert(
      fc.property(name, fc.stringMatching(/^[a-z]([a-z0-9-]{0,51}[a-z0-9])?$/), (fullname, releaseName) => {
        const rendered = objectsOf(
          runHelm(
            ...['template', releaseName, chart, '-n', 'realmem', ...kubernetes('1.34.0')],
            ...set('dashboard.enabled=true', 'cleanup.enabled=true'),
            ...['--set-string', `fullnameOverride=${fullname}`],
          ),
        );
        const names = ofKind('ConfigMap', rendered).map(({ metadata }) => metadata.name);
        assert.equal(new Set(names).size, 2);
        for (const one of names) assert.match(one, /^(config|dashboard)-/);
      }),
      { numRuns: 15 },
    );
  });

  it('has histories collected by a job whose token can delete histories alone, and not for long', () => {
    const rendered = objects();
    const [cron] = ofKind('CronJob', rendered);
    const job = cron?.spec?.jobTemplate?.spec;
    assert.equal(job?.ttlSecondsAfterFinished, 600);
    const policy = rendered.find(
      ({ kind, metadata }) => kind === 'ValidatingAdmissionPolicy' && metadata.name === 'realmem-collect',
    );
    const account = job?.template.spec.serviceAccountName;
    assert.ok(JSON.stringify(policy).includes(`system:serviceaccount:realmem:${account}\\"`));
    assert.ok(!template(...set('collect.enabled=false')).includes('realmem-collect'));
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

  it('takes a digest instead of a tag', () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const rendered = template(...set('image.tag=v1', `image.digest=${digest}`));
    assert.match(rendered, new RegExp(`image: registry\\.example\\.org/realmem@${digest}$`, 'm'));
  });

  for (const [value, message] of [
    ['policy.enabled=yes', /policy\.enabled is "yes": it takes auto, true or false/],
    ['cleanup.enabled=yes', /cleanup\.enabled is "yes": it takes auto, true or false/],
    ['allowUnguardedWrites=please', /allowUnguardedWrites is "please": it takes true or false/],
    ['metrics.auth.enabled=yes', /metrics\.auth\.enabled is "yes": it takes true or false/],
    ['config.probeAddress=off', /config\.probeAddress is "off": it takes an address with a port/],
  ] as const)
    it(`refuses ${value}`, () => {
      // Where the schema is passed over, as some tools do.
      assert.throws(() => template('--skip-schema-validation', ...set(value)), message);
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
    const notesFor = (version: string, ...values: string[]): string =>
      runHelm(
        ...['template', 'realmem', copy, ...kubernetes(version), '-s', 'templates/notes.yaml'],
        ...set(...values),
      );
    const notes = (...values: string[]): string => notesFor('1.34.0', ...values);
    assert.match(
      notesFor('1.29.4'),
      /NO REPORTS ARE WRITTEN.*policy\.enabled is auto.*rendered for Kubernetes v1\.29\.4/s,
    );
    assert.match(notes(), /policies hold each agent to its own node/);
    assert.match(notes('policy.enabled=false'), /NO REPORTS ARE WRITTEN.*policy\.enabled is false/s);
    assert.match(
      notes('policy.enabled=false', 'allowUnguardedWrites=true'),
      /WARNING: agents may write, and NO POLICY/,
    );
    assert.match(notes('policy.enabled=true'), /policies hold each agent to its own node/);
    assert.doesNotMatch(notes('policy.enabled=true'), /NO REPORTS|WARNING/);
    const cleans = /`helm uninstall` removes what the agents wrote.*\(--no-hooks leaves that out\)\./;
    const kept = new RegExp(`${cleans.source} The definition of the reports stays:`);
    assert.match(notes('cleanup.enabled=true'), kept);
    assert.match(notes('cleanup.enabled=true', 'crds.keep=false'), cleans);
    assert.doesNotMatch(notes('cleanup.enabled=true', 'crds.keep=false'), kept);
    const open = /ANY POD OF THE CLUSTER CAN READ THE METRICS on port 9643/;
    assert.match(
      notes(),
      new RegExp(`${open.source}.*networkPolicy.enabled=true.*metrics.auth.enabled=true`, 's'),
    );
    assert.match(notes('networkPolicy.enabled=true'), new RegExp(`${open.source}.*networkPolicy.from`, 's'));
    assert.doesNotMatch(notes('networkPolicy.enabled=true', 'networkPolicy.from[0].podSelector.a=b'), open);
    assert.doesNotMatch(notes('metrics.auth.enabled=true'), open);
    assert.match(notes('metrics.auth.enabled=true'), /--clusterrole=realmem-metrics-reader/);
    assert.match(notes('cleanup.enabled=false'), /kubectl annotate pods --all -A realmem/);
  });
});
