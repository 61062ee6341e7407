import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { injectedBy, injectorSays, isInjectedName } from '../../src/pods/injectors.ts';

describe('injectedBy', () => {
  it('returns the containers of the injector whose annotation the pod has', () => {
    const names = injectedBy({ 'linkerd.io/proxy-version': 'stable-2.14', 'app.io/note': 'x' });
    assert.deepEqual(names, ['linkerd-proxy', 'linkerd-init', 'linkerd-network-validator']);
  });

  it('accepts an annotation with a fixed value only at that value', () => {
    assert.deepEqual(injectedBy({ 'dapr.io/enabled': 'true' }), ['daprd']);
    assert.deepEqual(injectedBy({ 'dapr.io/enabled': 'false' }), []);
  });

  it('ignores a value that is not a text', () =>
    assert.deepEqual(injectedBy({ 'sidecar.istio.io/status': 1 }), []));
});

describe('isInjectedName', () => {
  it('knows the containers of injectors, and no others', () =>
    assert.deepEqual(['istio-proxy', 'web'].map(isInjectedName), [true, false]));
});

describe('injectorSays', () => {
  const sizes = { request: '24Mi', limit: '64Mi' };

  it('names the annotations that set request and limit', () =>
    assert.equal(
      injectorSays('linkerd-proxy', sizes),
      'Linkerd injects it into the pod: annotate the pod template with config.linkerd.io/proxy-memory-request: "24Mi" and config.linkerd.io/proxy-memory-limit: "64Mi"',
    ));

  it('names only the annotation of the given size', () =>
    assert.match(injectorSays('daprd', { limit: '64Mi' }), /with dapr\.io\/sidecar-memory-limit: "64Mi"$/));

  it('names the configuration of an injector without annotations for sizes', () =>
    assert.equal(
      injectorSays('otc-container', sizes),
      'the OpenTelemetry operator injects it into the pod: set request 24Mi and limit 64Mi in the configuration of the OpenTelemetry operator (in the OpenTelemetryCollector of mode sidecar)',
    ));

  it('points to the webhook for an unknown container', () =>
    assert.equal(
      injectorSays('sidekick', { request: '24Mi' }),
      'it is not in the template: if a webhook injects it, set request 24Mi in the configuration of that webhook',
    ));
});
