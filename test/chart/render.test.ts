/** The chart as helm renders it. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { skipWhere } from '../needs.ts';
import { cachedHelm, helmMissing, runHelm } from './helm.ts';
import { type Manifest, objectsOf, ofKind, onlyOfKind } from './objects.ts';
import {
  caseFile,
  chart,
  manifests,
  renderManifests,
  template,
  templateWithHooks,
  cases as valueFiles,
} from './render.ts';
import { renderEach } from './umbrella.ts';

const kubernetes = (version: string): string[] => ['--kube-version', version];
const set = (...values: string[]): string[] => values.flatMap((value) => ['--set', value]);

const objects = (...args: string[]): readonly Manifest[] => objectsOf(template(...args));

/** The settings that the chart gives the agents. */
const configOf = (rendered: readonly Manifest[]): Readonly<Record<string, unknown>> =>
  JSON.parse(ofKind('ConfigMap', rendered)[0]?.data?.['config.yaml'] ?? '');

const policies = (rendered: readonly Manifest[]): readonly string[] =>
  ofKind('ValidatingAdmissionPolicy', rendered).map(({ metadata }) => metadata.name);

/** All verbs of all roles that do more than read. */
const writes = (rendered: readonly Manifest[]): readonly string[] =>
  rendered
    .flatMap(({ rules = [] }) => rules.flatMap(({ verbs }) => verbs))
    .filter((verb) => !['get', 'list', 'watch'].includes(verb));

describe('the chart', { skip: skipWhere(helmMissing()) }, () => {
  for (const name of valueFiles)
    it(`passes helm lint with ${name}, and renders every object once`, () => {
      cachedHelm('lint', '--strict', chart, '--kube-version', '1.34.0', '--values', caseFile(name));
      const rendered = objectsOf(templateWithHooks('--values', caseFile(name)));
      const names = rendered.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      assert.deepEqual(names, [...new Set(names)]);
    });

  it('renders exactly manifests/realmem.yaml', () => {
    assert.equal(renderManifests(), fs.readFileSync(manifests, 'utf8'), 'run npm run manifests');
  });

  for (const [address, port] of [
    ['127.0.0.1:9700', [{ name: 'report', containerPort: 9700 }]],
    ['[::1]:9644', [{ name: 'report', containerPort: 9644 }]],
    ['off', []],
  ] as const)
    it(`names the port of config.reportAddress=${address}, where kubectl realmem finds the report`, () => {
      const [agents] = ofKind('DaemonSet', objects(...set(`config.reportAddress=${address}`)));
      assert.deepEqual(agents?.spec?.template?.spec.containers?.[0]?.ports, [
        { name: 'metrics', containerPort: 9643 },
        ...port,
      ]);
    });

  const allPolicies = ['realmem-collect', 'realmem-configmaps', 'realmem-pods', 'realmem-reports'];
  const cases = [
    // Versions in the forms of providers, and as Argo CD and Flux pass them to helm.
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
      title: 'true for Kubernetes 1.29.0',
      args: [...kubernetes('1.29.0'), ...set('policy.enabled=true')],
      policy: true,
      verbs: true,
    },
    { title: 'false', args: set('policy.enabled=false'), policy: false, verbs: false },
    {
      title: 'false with allowUnguardedWrites=true',
      args: set('policy.enabled=false', 'allowUnguardedWrites=true'),
      policy: false,
      verbs: true,
    },
    {
      title: 'false with allowUnguardedWrites="false"',
      args: [...set('policy.enabled=false'), '--set-string', 'allowUnguardedWrites=false'],
      policy: false,
      verbs: false,
    },
  ];
  for (const { title, args, policy, verbs } of cases)
    it(`with policy.enabled ${title} renders ${policy ? 'all policies' : 'no policy'} and ${verbs ? 'rights' : 'no right'} to write`, () => {
      const rendered = objects(...args);
      assert.deepEqual([...policies(rendered)].sort(), policy ? allPolicies : []);
      const bindings = ofKind('ValidatingAdmissionPolicyBinding', rendered);
      assert.equal(bindings.length, policy ? allPolicies.length : 0);
      assert.deepEqual(
        [...writes(rendered)].sort(),
        // Only the CronJob that deletes old histories may delete.
        verbs ? ['create', 'create', 'delete', 'patch', 'patch', 'patch'] : [],
      );
    });

  it('renders the clean-up only with access to the API server, unless cleanup.enabled says otherwise', () => {
    const jobs = (...args: string[]): number => ofKind('Job', objectsOf(templateWithHooks(...args))).length;
    const jobApi = ['--api-versions', 'batch/v1/Job'];
    assert.equal(jobs(), 0);
    assert.equal(jobs(...jobApi), 1);
    assert.equal(jobs(...set('cleanup.enabled=true')), 1);
    assert.equal(jobs(...jobApi, '--set-string', 'cleanup.enabled=false'), 0);
  });

  it('passes allowUnguardedWrites to the agent, and refuses it under config', () => {
    const allowed = (...args: string[]) => configOf(objects(...args))['allowUnguardedWrites'];
    assert.equal(allowed(), false);
    assert.equal(allowed(...set('allowUnguardedWrites=true')), true);
    // Only the top-level value may set it.
    assert.throws(() => allowed(...set('config.allowUnguardedWrites=true')), /allowUnguardedWrites/);
  });

  it('renders TLS probes, the reader role and the right to review tokens only with metrics.auth.enabled', () => {
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
    assert.equal(schemes(on), 3, 'each probe uses TLS');
    assert.equal(configOf(on)['metricsAuth'], true);
    assert.doesNotMatch(JSON.stringify(configOf(on)), /tls/);
    const secret = ['metrics.auth.enabled=true', 'metrics.auth.certificateSecret=agents'];
    const certified = objects(...set(...secret));
    assert.equal(configOf(certified)['tlsCertFile'], '/etc/realmem-tls/tls.crt');
    assert.match(JSON.stringify(ofKind('DaemonSet', certified)), /"secretName":"agents"/);
  });

  it('configures token and TLS in the monitors with metrics.auth.enabled', () => {
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
      /a PodMonitor can read the token only from a Secret; set metrics\.auth\.tokenSecret\.name/,
    );
  });

  it('begins the names of its ConfigMaps with config- or dashboard-, for any release name and full name', () => {
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
    const release = fc.stringMatching(/^[a-z]([a-z0-9-]{0,51}[a-z0-9])?$/);
    const fullnames = fc.array(name, { minLength: 15, maxLength: 15 });
    fc.assert(
      fc.property(release, fullnames, (releaseName, all) => {
        const rendered = renderEach(
          all.map((fullname) => [
            ['--set', 'dashboard.enabled=true'],
            ['--set', 'cleanup.enabled=true'],
            ['--set-string', `fullnameOverride=${fullname}`],
          ]),
          { release: releaseName, args: ['--no-hooks'], helm: runHelm },
        );
        for (const text of rendered) {
          const names = onlyOfKind('ConfigMap', text).map(({ metadata }) => metadata.name);
          assert.equal(new Set(names).size, 2);
          for (const one of names) assert.match(one, /^(config|dashboard)-/);
        }
      }),
      { numRuns: 3 },
    );
  });

  it('deletes old histories by a job whose token a policy restricts and that ends after 10 minutes', () => {
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

  it('passes the namespaces with annotations to the agent as one setting', () => {
    const setting = (...values: string[]) => configOf(objects(...set(...values)))['annotationNamespaces'];
    assert.equal(setting(), '*,!kube-system');
    const one = 'config.annotationNamespaces';
    assert.equal(setting(`${one}.include={shop,bank}`), 'shop,bank,!kube-system');
    assert.equal(setting(`${one}.include={shop}`, `${one}.exclude=null`), 'shop');
    assert.equal(setting(`${one}=null`), '*');
  });

  it('keeps the CRD at an uninstall, except with crds.keep=false', () => {
    const kept = (...args: string[]): readonly (string | undefined)[] =>
      ofKind('CustomResourceDefinition', objects(...args)).map(
        ({ metadata }) => metadata.annotations?.['helm.sh/resource-policy'],
      );
    assert.deepEqual(kept(), ['keep']);
    assert.deepEqual(kept(...set('crds.keep=false')), [undefined]);
    assert.deepEqual(kept(...set('crds.install=false')), []);
  });

  it('uses image.digest instead of image.tag if both are set', () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const rendered = template(...set('image.tag=v1', `image.digest=${digest}`));
    assert.match(rendered, new RegExp(`image: registry\\.example\\.org/realmem@${digest}$`, 'm'));
  });

  for (const [value, message] of [
    ['policy.enabled=yes', /policy\.enabled: expected auto, true or false, got "yes"/],
    ['cleanup.enabled=yes', /cleanup\.enabled: expected auto, true or false, got "yes"/],
    ['allowUnguardedWrites=please', /allowUnguardedWrites: expected true or false, got "please"/],
    ['metrics.auth.enabled=yes', /metrics\.auth\.enabled: expected true or false, got "yes"/],
    ['config.probeAddress=off', /config\.probeAddress: expected an address with a port, .*, got "off"/],
  ] as const)
    it(`refuses ${value} even without schema validation`, () => {
      // Some tools skip the schema.
      assert.throws(() => template('--skip-schema-validation', ...set(value)), message);
    });

  describe('prints notes', () => {
    // helm prints notes only after an install, so another template includes them here.
    const wrapped = `kind: Notes
text: |
  {{- include (print $.Template.BasePath "/NOTES.txt") . | nindent 2 }}
`;
    const cleans =
      /`helm uninstall` runs a job that removes what the agents wrote \(--no-hooks skips the job\)\./;
    const kept = new RegExp(`${cleans.source} The CRD stays\\. To delete it:`);
    const open = /ANY POD OF THE CLUSTER CAN READ THE METRICS on port 9643/;
    /** Some values of the chart; what the notes say, and do not say. */
    const expected: readonly (readonly [
      values: readonly string[],
      says: readonly RegExp[],
      never?: readonly RegExp[],
    ])[] = [
      [
        [],
        [
          /policies restrict each agent to its own node\. /,
          new RegExp(`${open.source}.*networkPolicy.enabled=true.*metrics.auth.enabled=true`, 's'),
          /in all namespaces, but not in kube-system \(config\.annotationNamespaces\)\.\n {2}The reports/,
        ],
      ],
      [['policy.enabled=false'], [/AGENTS WRITE NO REPORTS.*policy\.enabled is false/s]],
      [['policy.enabled=false', 'allowUnguardedWrites=true'], [/WARNING: agents may write, and NO POLICY/]],
      [['policy.enabled=true'], [/policies restrict each agent to its own node\. /], [/NO REPORTS|WARNING/]],
      [['cleanup.enabled=true'], [kept]],
      [['cleanup.enabled=true', 'crds.keep=false'], [cleans], [kept]],
      [['networkPolicy.enabled=true'], [new RegExp(`${open.source}.*networkPolicy.from`, 's')]],
      [['networkPolicy.enabled=true', 'networkPolicy.from[0].podSelector.a=b'], [], [open]],
      [['metrics.auth.enabled=true'], [/--clusterrole=realmem-metrics-reader/], [open]],
      [['config.annotationNamespaces.include={a,b}'], [/only in a, b, but not in kube-system/]],
      [['config.annotations=false'], [], [/annotationNamespaces/]],
      [['hostNetwork=true'], [/EVERYONE WHO REACHES A NODE.* port 9643.*127\.0\.0\.1:9644/s]],
      [['namespaceOverride=x'], [/label --overwrite namespace x [\s\S]*helm -n realmem test/]],
      [['cleanup.enabled=false'], [/kubectl annotate pods --all -A realmem/]],
    ];
    const render = (sets: readonly (readonly string[])[], version: string): readonly string[] =>
      renderEach(
        // The name that a release `realmem` has when the chart is not below another one.
        sets.map((values) => ['fullnameOverride=realmem', ...values].map((one) => ['--set', one] as const)),
        { args: kubernetes(version), templates: { 'notes.yaml': wrapped } },
      ).map((text) => /^kind: Notes\n[\s\S]*?(?=^---\n|$(?![\s\S]))/m.exec(text)?.[0] ?? 'no notes');
    let notes: readonly string[] = [];
    before(() => {
      const sets = expected.map(([values]) => values);
      notes = render(sets, '1.34.0');
    });

    for (const [index, [values, says, never = []]] of expected.entries())
      it(`that say who may write, who can read and what an uninstall removes, with ${values.join() || 'default values'}`, () => {
        const text = notes[index] ?? '';
        assert.match(text, /^kind: Notes\n/);
        for (const one of says) assert.match(text, one);
        for (const one of never) assert.doesNotMatch(text, one);
      });

    it('that say what to do if Kubernetes is too old for the policies', () =>
      assert.match(
        render([[]], '1.29.4')[0] ?? '',
        /AGENTS WRITE NO REPORTS.*policy\.enabled is auto.*rendered the chart for Kubernetes v1\.29\.4/s,
      ));
  });
});
