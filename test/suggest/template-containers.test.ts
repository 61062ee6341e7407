import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SpecResources } from '../../src/pods/pod-spec.ts';
import { day, type PlayedContainer } from '../usage/played.ts';
import {
  commandsIn,
  container,
  of,
  onlyCommand,
  owners,
  patches,
  patchIn,
  pod,
  resources,
} from './patched.ts';

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value: unknown;
}

describe('the patch of an owner', () => {
  it('takes the container position from a pod without its injected sidecar when the template is unknown', () => {
    const proxy = container('istio-proxy', { resources: resources('64Mi', '128Mi') });
    const own = container('web', { index: 1, resources: resources('512Mi', '1Gi') });
    const pods = [pod('Rollout/web', { containers: [proxy, own], injected: ['istio-proxy'] })];
    const [test, add] = patchIn(onlyCommand(patches([of('Rollout/web')], { pods }))) as Operation[];
    assert.deepEqual(test, { op: 'test', path: '/spec/template/spec/containers/0/name', value: 'web' });
    assert.equal(add?.path, '/spec/template/spec/containers/0/resources');
    assert.deepEqual(Object.keys((add?.value as SpecResources | undefined)?.requests ?? {}), [
      'cpu',
      'memory',
    ]);
  });

  it('is a comment for a container without values while pod-level resources are unknown', () => {
    const { request, limit, ...bare } = of('Deployment/web');
    assert.deepEqual(commandsIn(patches([bare])), []);
    assert.equal(commandsIn(patches([bare], { pods: [pod('Deployment/web')] })).length, 1);
  });

  it('includes the proxy of a gateway, the only container of its pods', () => {
    const gateway = { ...of('Rollout/gateway'), container: 'istio-proxy' };
    const own = container('istio-proxy', { resources: resources('512Mi', '1Gi') });
    const text = patches([gateway], { pods: [pod('Rollout/gateway', { containers: [own] })] });
    const [test, ...adds] = patchIn(onlyCommand(text)) as Operation[];
    assert.deepEqual(
      [test?.path, adds.length],
      ['/spec/template/spec/containers/0/name', 1],
      'a test alone changes nothing',
    );
  });

  it('is a comment for a container missing from the pods', () => {
    const old = { ...of('Rollout/web'), container: 'old' };
    const text = patches([old], { pods: [pod('Rollout/web')] });
    assert.deepEqual(commandsIn(text), []);
    assert.match(text, /^# old: it is not in the template/m);
  });

  it('leaves out containers missing from the template, and says where to set their values', () => {
    const vault = { ...of('Deployment/web'), container: 'vault-agent', request: 64, limit: 128 };
    const odd = { ...of('Deployment/web'), container: 'sidekick', request: 64, limit: 128 };
    const template = { containers: [container('web')] };
    const text = patches([of('Deployment/web'), vault, odd], {
      owners: owners('Deployment/web', { template }),
    });
    const command = onlyCommand(text);
    assert.ok(!command.includes('vault-agent') && !command.includes('sidekick'));
    assert.match(text, /^# vault-agent: .*vault\.hashicorp\.com\/agent-requests-mem/m);
    assert.match(text, /^# sidekick: it is not in the template/m);
  });

  it('includes the proxy of a gateway when it is the only known container', () => {
    const gateway = { ...of('Deployment/gateway'), container: 'istio-proxy' };
    assert.match(onlyCommand(patches([gateway])), /istio-proxy/);
  });

  it('leaves out an injected proxy even if only the proxy changes', () => {
    const app = { ...of('Deployment/web'), request: 100, limit: 122 };
    const proxy = { ...of('Deployment/web'), container: 'istio-proxy' };
    const text = patches([app, proxy]);
    assert.match(text, /^# istio-proxy: Istio puts it into the pod/m);
    assert.doesNotMatch(text, /^kubectl.*istio-proxy/m);
    // An init container always has another container beside it in its pod.
    const init: PlayedContainer = { ...of('Deployment/web'), container: 'istio-init', type: 'init' };
    assert.deepEqual(commandsIn(patches([init])), []);
  });

  it('leaves out a container that the pods no longer have, by the listed pods or by the running replicas', () => {
    const old: PlayedContainer = { ...of('Deployment/web'), pod: 'web-0', container: 'old' };
    const gone = { ...old, real: (at: number) => (at < 1.5 * day ? 100 : undefined) };
    for (const text of [
      patches([of('Deployment/web'), old], { pods: [pod('Deployment/web')] }),
      patches([of('Deployment/web'), gone]),
    ]) {
      assert.doesNotMatch(onlyCommand(text), /"old"/);
      assert.match(text, /^# old: .*template/m);
    }
    // Nothing of a CronJob runs between its runs.
    assert.match(onlyCommand(patches([{ ...gone, workload: 'CronJob/report' }])), /"old"/);
  });
});
