import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Decider, Origin } from '../../src/model/recommendation.ts';
import {
  beforeYouApply,
  deciderSentence,
  decidingNodes,
  doubtOf,
  proberSentence,
} from '../../src/suggest/doubt.ts';
import { decider, mib, rowsOf, suggestion } from './made.ts';

describe('deciderSentence', () => {
  it('shows the values without the node, with its share in whole percent', () =>
    assert.equal(
      deciderSentence(decider()),
      '60 % of the observed hours come from node-2: without it the request would be 400Mi and the limit 500Mi',
    ));

  it('says that no other node has enough history when there are no values without it', () => {
    const { without: _, ...alone } = decider({ share: 1 });
    assert.equal(
      deciderSentence(alone),
      '100 % of the observed hours come from node-2: no other node has enough history',
    );
  });
});

describe('proberSentence', () => {
  it('shows the values without any probe, not without the node', () =>
    assert.equal(
      proberSentence(decider()),
      'The probe comes from node-2: without any probe the request would be 400Mi and the limit 500Mi',
    ));
});

describe('decidingNodes', () => {
  const origin = (more: Partial<Origin>): Origin => ({ nodes: 3, node: 'node-1', share: 0.5, ...more });

  it('is the only node that reports, else the decider, else none', () => {
    assert.deepEqual(decidingNodes(origin({ nodes: 1 })), ['node-1']);
    assert.deepEqual(decidingNodes(origin({ decider: decider() })), ['node-2']);
    const prober = decider({ node: 'node-3' });
    assert.deepEqual(decidingNodes(origin({ decider: decider(), prober })), ['node-2', 'node-3']);
    assert.deepEqual(decidingNodes(origin({})), []);
  });
});

describe('doubtOf', () => {
  const doubt = (more: Partial<Decider> | undefined, there?: number): string | undefined =>
    doubtOf(
      suggestion({ origin: { nodes: 4, ...(more !== undefined && { decider: decider(more) }) } }),
      there === undefined ? undefined : () => there,
    );

  it('is undefined for several nodes without a decider', () => {
    assert.equal(doubt(undefined), undefined);
    assert.equal(doubt(undefined, 0), undefined);
  });

  it('doubts the only node when the API knows no pod there, and trusts it when not asked or with a pod', () => {
    const alone = suggestion();
    assert.equal(
      doubtOf(alone, () => 0),
      'only node-1 reports this workload, and the API knows no pod of it there',
    );
    assert.equal(doubtOf(alone), undefined);
    assert.equal(
      doubtOf(alone, () => 1),
      undefined,
    );
  });

  it('trusts a decider that runs more replicas than all other nodes, and doubts one that runs as many', () => {
    assert.equal(doubt({ running: 4, elsewhere: 3 }), undefined);
    assert.equal(
      doubt({ running: 3, elsewhere: 3 }),
      'node-2 decides these values alone, and reports 3 of 6 replicas. 60 % of the observed hours come from node-2: without it the request would be 400Mi and the limit 500Mi',
    );
  });

  it('counts the pods that the API knows instead of the reported replicas', () => {
    assert.equal(doubt({ running: 0, elsewhere: 3 }, 4), undefined);
    assert.match(doubt({ running: 9, elsewhere: 3 }, 2) ?? '', /and runs 2 of 5 replicas\./);
    assert.match(doubt({ running: 9, elsewhere: 3 }, 0) ?? '', /and runs 0 of 3 replicas\./);
  });

  it('trusts a decider with replicas between 0.9 × and 2 × the values without it, bounds included', () => {
    const by = (request: number, limit: number, running = 1): boolean =>
      doubt({
        running,
        suggested: { request: mib(request), limit: mib(limit) },
        without: { request: mib(100), limit: mib(1000) },
      }) !== undefined;
    assert.equal(by(90, 900), false);
    assert.equal(by(200, 2000), false);
    assert.equal(by(89, 900), true, 'a lower request');
    assert.equal(by(90, 899), true, 'a lower limit');
    assert.equal(by(201, 2000), true, 'a higher request');
    assert.equal(by(200, 2001), true, 'a higher limit');
    assert.equal(by(100, 1000, 0), true, 'no replica there');
  });

  it('doubts a decider without which the others have too little history, unless it runs the most', () => {
    const { without: _, ...alone } = decider();
    const of = (running: number) =>
      doubtOf(suggestion({ origin: { nodes: 2, decider: { ...alone, running } } }));
    assert.match(of(1) ?? '', /no other node has enough history$/);
    assert.equal(of(4), undefined);
  });
});

describe('beforeYouApply', () => {
  const command = (...namespaces: readonly string[]): string | undefined =>
    /kubectl get hpa,limitrange,quota (.*)$/.exec(
      beforeYouApply(rowsOf(...namespaces.map((namespace) => suggestion({ key: { namespace } })))),
    )?.[1];

  it('names the only namespace, and -A for several or none', () => {
    assert.equal(command('shop', 'shop'), '-n shop');
    assert.equal(command('shop', 'bank'), '-A');
    assert.equal(command(), '-A');
  });

  it('puts no namespace into the command that Kubernetes would not allow', () => {
    for (const name of ['', 'a b', 'x;id', '$(id)', '-n', 'Shop', 'a\nb']) assert.equal(command(name), '-A');
  });
});
