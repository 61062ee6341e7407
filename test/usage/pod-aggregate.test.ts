/** The requests of a pod's containers together, by the rule of the API server. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type PodPart, podAggregate } from '../../src/usage/pod-aggregate.ts';

const main: PodPart = { type: 'container', amount: 50, index: 0 };
const side: PodPart = { type: 'sidecar', amount: 200 };
const init: PodPart = { type: 'init', amount: 300 };

describe('podAggregate', () => {
  it('adds a sidecar to the init container that starts after it', () =>
    assert.equal(podAggregate([main, { ...side, index: 0 }, { ...init, index: 1 }]), 500));

  it('adds no sidecar to the init container that ends before it starts', () =>
    assert.equal(podAggregate([main, { ...init, index: 0 }, { ...side, index: 1 }]), 300));

  it('adds every sidecar to an init container whose position is unknown', () =>
    assert.equal(podAggregate([main, init, side]), 500));

  it('leaves ephemeral containers out', () =>
    assert.equal(podAggregate([main, { type: 'ephemeral', amount: 900, index: 0 }]), 50));

  it('is zero for no containers', () => assert.equal(podAggregate([]), 0));

  /** `AggregateContainerRequests` of `k8s.io/component-helpers`, for one resource. */
  function aggregateOfKubernetes(containers: readonly number[], inits: readonly PodPart[]): number {
    let requests = containers.reduce((total, amount) => total + amount, 0);
    let sidecars = 0;
    let most = 0;
    for (const { type, amount } of inits) {
      let now = sidecars + amount;
      if (type === 'sidecar') {
        requests += amount;
        sidecars += amount;
        now = sidecars;
      }
      most = Math.max(most, now);
    }
    return Math.max(requests, most);
  }

  it('equals the result of Kubernetes for any order, and is never less when the order is unknown', () => {
    const amount = fc.integer({ min: 0, max: 1000 });
    const inits = fc.array(fc.record({ type: fc.constantFrom('init' as const, 'sidecar' as const), amount }));
    fc.assert(
      fc.property(fc.array(amount), inits, (containers, list) => {
        const beside = containers.map((one, index): PodPart => ({ type: 'container', amount: one, index }));
        const placed = list.map((one, index): PodPart => ({ ...one, index }));
        const expected = aggregateOfKubernetes(containers, list);
        assert.equal(podAggregate([...placed.toReversed(), ...beside]), expected);
        assert.ok(podAggregate([...beside, ...list]) >= expected);
      }),
    );
  });
});
