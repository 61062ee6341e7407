/** Values that helm refuses by name, and values that it accepts. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { skipWhere } from '../needs.ts';
import { helmMissing } from './helm.ts';
import { template } from './render.ts';
import { refusalsOf, renderEach } from './umbrella.ts';

/** The value, and the key that the message must name. */
const bad: readonly (readonly [string, RegExp])[] = [
  ['imge.tag=1', /imge/],
  ['image.registy=x', /registy/],
  ['image.digest=sha256:0', /image.digest/],
  ['image.pullPolicy=Sometimes', /image.pullPolicy/],
  ['imagePullSecrets=registry', /imagePullSecrets/],
  ['config.perid=5s', /perid/],
  ['config.node=other', /node/],
  ['config.period=5', /config.period/],
  ['config.period=often', /config.period/],
  ['config.publishPeriod=1 minute', /config.publishPeriod/],
  ['config.resource=maybe', /config.resource/],
  ['config.configMap=yes', /config.configMap/],
  ['config.output=xml', /config.output/],
  ['config.annotationNamespaces=shop', /config.annotationNamespaces/],
  ['config.annotationNamespaces.include={a b}', /config.annotationNamespaces.include/],
  ['config.probeAddress=9643', /config.probeAddress/],
  ['config.logLevel=loud', /config.logLevel/],
  ['config.root=host', /config.root/],
  ['extraArgs=--log-level=debug', /extraArgs/],
  ['policy.enabled=yes', /policy.enabled/],
  ['policy=true', /policy/],
  ['allowUnguardedWrites=please', /allowUnguardedWrites/],
  ['crds.keep=1', /crds.keep/],
  ['resources.limits.memory=lots', /resources.limits.memory/],
  ['resources.requests.cpu=10 m', /resources.requests.cpu/],
  ['tolerations.operator=Exists', /tolerations/],
  ['priorityClassName=5', /priorityClassName/],
  ['priorityClassQuota.pods=-1', /priorityClassQuota.pods/],
  ['updateStrategy.type=Recreate', /updateStrategy.type/],
  ['updateStrategy.rollingUpdate.maxUnavailable=some', /updateStrategy.rollingUpdate.maxUnavailable/],
  ['podLogs=true', /podLogs/],
  ['podMonitor.enabled=on', /podMonitor.enabled/],
  ['podMonitor.interval=30', /podMonitor.interval/],
  ['podMonitor.scrapeTimeout=soon', /podMonitor.scrapeTimeout/],
  ['serviceMonitor.sampleLimit=-1', /serviceMonitor.sampleLimit/],
  ['prometheusRule.alerts.RealmemNearLimit.percent=0', /prometheusRule.alerts.RealmemNearLimit.percent/],
  ['prometheusRule.alerts.RealmemNearLimit.percent=null', /percent/],
  ['prometheusRule.alerts.NearLimit.percent=90', /NearLimit/],
  ['global.imageRegistry=5', /global.imageRegistry/],
  ['enabled=false', /enabled/],
  ['namespaceOverride=My_Namespace', /namespaceOverride/],
  ['livenessProbe.periodSeconds=0', /livenessProbe.periodSeconds/],
  ['livenessProbe.httpGet.path=/', /httpGet/],
  ['dnsPolicy=host', /dnsPolicy/],
  ['prometheusRule.runbookUrl=docs/runbooks.md', /prometheusRule.runbookUrl/],
  ['prometheusRule.runbookUrl=https://example.org/"', /prometheusRule.runbookUrl/],
  ['dashboard.labels.folder=5', /dashboard.labels.folder/],
  ['cleanup.enabled=yes', /cleanup.enabled/],
  ['cleanup.deadlineSeconds=4m', /cleanup.deadlineSeconds/],
];

const good = [
  'image.tag=1.2.3-rc.1',
  'config.period=500ms',
  'config.publishPeriod=1.5m',
  'config.reportAddress=off',
  'config.reportAddress=[::1]:9644',
  'config.configMap=auto',
  'resources.limits.memory=200M',
  'resources.limits.memory=134217728',
  'resources.limits.ephemeral-storage=10Mi',
  'updateStrategy.rollingUpdate.maxUnavailable=1',
  'podSecurityContext.seLinuxOptions.type=spc_t',
  'config.logLevel=null',
  'livenessProbe=null',
  'hostNetwork=null',
  'imagePullSecrets=null',
  'global.imagePullSecrets=null',
  'podMonitor.scrapeTimeout=1m30s',
  'imagePullSecrets={a,b}',
  'prometheusRule.alerts.RealmemWastedRequest.factor=1.5',
  // helm sets these for a subchart.
  'global.storageClass=fast',
  'enabled=true',
];

describe('helm', { skip: skipWhere(helmMissing()) }, () => {
  const asSets = (values: readonly string[]) => values.map((value) => [['--set', value] as const]);
  /** Why helm refuses each of the bad values. */
  let refusals: readonly (string | undefined)[] = [];
  let rendered: readonly string[] | Error = [];
  before(() => {
    refusals = refusalsOf(asSets(bad.map(([value]) => value)));
    try {
      rendered = renderEach(asSets(good));
    } catch (error) {
      rendered = error instanceof Error ? error : new Error(String(error));
    }
  });

  for (const [index, [value, key]] of bad.entries())
    it(`refuses ${value} and names the key`, () => {
      // helm 3 separates the path with dots, helm 4 with slashes.
      assert.match(refusals[index] ?? 'accepted', key);
    });

  for (const [index, value] of good.entries())
    it(`accepts ${value}`, () => {
      if (rendered instanceof Error) throw rendered;
      assert.match(rendered[index] ?? '', /^kind: DaemonSet$/m);
    });

  it('accepts the strings true and false only for settings that the agent reads', () => {
    const [read, unread] = refusalsOf([
      [['--set-string', 'config.annotations=false']],
      [['--set-string', 'podMonitor.enabled=false']],
    ]);
    assert.equal(read, undefined);
    assert.match(unread ?? 'accepted', /podMonitor.enabled/);
  });

  it('fails with all that it refuses in the values of an installation', () => {
    assert.throws(
      () => template('--set', 'imge.tag=1', '--set', 'podLogs=true'),
      /values don't meet the specifications of the schema.*podLogs.*imge/s,
    );
  });
});
