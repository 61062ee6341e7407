import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { injectedBy, injectorSays, isInjectedName } from '../../src/pods/injectors.ts';

const both = { request: '64Mi', limit: '128Mi' };

/** An annotation that each injector leaves on a pod, and the containers that it injects. */
const known: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'sidecar.istio.io/status',
    '{"containers":["istio-proxy"]}',
    ['istio-proxy', 'istio-init', 'istio-validation'],
  ],
  ['linkerd.io/proxy-version', 'edge-26.1.1', ['linkerd-proxy', 'linkerd-init', 'linkerd-network-validator']],
  ['vault.hashicorp.com/agent-inject-status', 'injected', ['vault-agent', 'vault-agent-init']],
  ['dapr.io/enabled', 'true', ['daprd']],
  [
    'consul.hashicorp.com/connect-inject-status',
    'injected',
    ['consul-dataplane', 'consul-connect-inject-init', 'envoy-sidecar'],
  ],
  ['kuma.io/sidecar-injected', 'true', ['kuma-sidecar', 'kuma-init', 'kuma-validation']],
  ['gke-gcsfuse/volumes', 'true', ['gke-gcsfuse-sidecar']],
  ['sidecar.opentelemetry.io/inject', 'my-collector', ['otc-container']],
];

describe('injectedBy', () => {
  for (const [annotation, value, containers] of known)
    it(`returns ${containers[0]} for ${annotation}: ${value}`, () =>
      assert.deepEqual(injectedBy({ [annotation]: value }), containers));

  it('returns the containers of a recorded pod that Istio injected', () => {
    const file = new URL('../../fixtures/patches/injected-sidecar/pods.json', import.meta.url);
    const { items } = JSON.parse(fs.readFileSync(file, 'utf8')) as {
      readonly items: readonly { readonly metadata: { readonly annotations?: Record<string, string> } }[];
    };
    assert.ok(items.some(({ metadata }) => injectedBy(metadata.annotations ?? {}).includes('istio-proxy')));
  });

  it('returns the containers of several injectors', () =>
    assert.deepEqual(
      injectedBy({ 'dapr.io/enabled': 'true', 'gke-gcsfuse/volumes': 'true', other: 'true' }),
      ['daprd', 'gke-gcsfuse-sidecar'],
    ));

  it('returns nothing where the annotation has another value', () => {
    for (const [annotation, value] of [
      ['dapr.io/enabled', 'false'],
      ['dapr.io/enabled', 'TRUE'],
      ['dapr.io/enabled', true],
      ['vault.hashicorp.com/agent-inject-status', 'update'],
      ['kuma.io/sidecar-injected', ''],
      ['linkerd.io/proxy-version', 7],
      ['linkerd.io/proxy-version', null],
      ['linkerd.io/inject', 'enabled'],
    ] as const)
      assert.deepEqual(injectedBy({ [annotation]: value }), [], `${annotation}: ${value}`);
    assert.deepEqual(injectedBy({}), []);
  });

  it('takes any text, also an empty one, where an injector has no value of its own', () =>
    assert.equal(injectedBy({ 'sidecar.istio.io/status': '' }).length, 3));

  it('reads any annotations without a fault', () =>
    fc.assert(
      fc.property(
        fc.dictionary(fc.oneof(fc.string(), fc.constantFrom(...known.map(([name]) => name))), fc.jsonValue()),
        (annotations) => {
          for (const name of injectedBy(annotations)) assert.ok(isInjectedName(name));
        },
      ),
    ));
});

it('isInjectedName knows each container of an injector, and no other name', () => {
  for (const [, , containers] of known) for (const name of containers) assert.ok(isInjectedName(name), name);
  for (const name of ['', 'app', 'istio', 'istio-proxy-2', 'ISTIO-PROXY', 'constructor', 'envoy'])
    assert.equal(isInjectedName(name), false, name);
});

it('no two injectors inject a container of the same name', () => {
  const names = known.flatMap(([, , containers]) => containers);
  assert.equal(new Set(names).size, names.length);
});

describe('injectorSays', () => {
  it('names both annotations of the pod template', () => {
    assert.equal(
      injectorSays('linkerd-proxy', both),
      'Linkerd injects it into the pod: annotate the pod template with config.linkerd.io/proxy-memory-request: "64Mi" and config.linkerd.io/proxy-memory-limit: "128Mi"',
    );
    for (const [, , [container = '']] of known.filter(([name]) => !/kuma|opentelemetry/.test(name)))
      assert.match(
        injectorSays(container, both),
        /annotate the pod template with \S+: "64Mi" and \S+: "128Mi"/,
      );
  });

  it('names one annotation where only one size is to be set', () => {
    const prefix = 'Dapr injects it into the pod: annotate the pod template with ';
    assert.equal(injectorSays('daprd', { request: '1Mi' }), `${prefix}dapr.io/sidecar-memory-request: "1Mi"`);
    assert.equal(injectorSays('daprd', { limit: '2Mi' }), `${prefix}dapr.io/sidecar-memory-limit: "2Mi"`);
  });

  it('adds what else has to be set for Istio', () =>
    assert.match(
      injectorSays('istio-proxy', both),
      /^Istio .*proxyMemory: "64Mi" and .*proxyMemoryLimit: "128Mi" \(Istio then drops its own defaults: .*proxyCPULimit too\)$/,
    ));

  it('names where to configure an injector that has no annotation for each pod', () => {
    assert.equal(
      injectorSays('kuma-sidecar', both),
      'Kuma injects it into the pod: set request 64Mi and limit 128Mi in the configuration of Kuma (with a ContainerPatch, named in the annotation kuma.io/container-patches)',
    );
    assert.match(
      injectorSays('otc-container', { limit: '128Mi' }),
      /^the OpenTelemetry operator injects it into the pod: set limit 128Mi in the configuration of the OpenTelemetry operator \(/,
    );
  });

  it('says of an unknown container that it is not in the template', () => {
    for (const [sizes, words] of [
      [both, 'request 64Mi and limit 128Mi'],
      [{ request: '64Mi' }, 'request 64Mi'],
      [{ limit: '128Mi' }, 'limit 128Mi'],
    ] as const)
      assert.equal(
        injectorSays('debug', sizes),
        `it is not in the template: if a webhook injects it, set ${words} in the configuration of that webhook`,
      );
  });
});
