import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bytes } from '../../src/model/bytes.ts';
import { type PodReport, verdicts } from '../../src/model/report.ts';
import { figuresOf, parseFigures, renderAnnotations } from '../../src/publish/annotations.ts';
import type { PodFigures } from '../../src/publish/pod-figures.ts';
import { anyText } from '../model/any-text.ts';
import { containerOf, podOf, recorded, reportOf } from '../report/reports.ts';

const Mi = 1024 ** 2;

const shop = (more: Parameters<typeof podOf>[0] = {}): PodReport =>
  podOf({ namespace: 'shop', name: 'cart', ...more });
const figuresOfPod = (pod: PodReport, ...containers: readonly ReturnType<typeof containerOf>[]) =>
  figuresOf(reportOf({ observed: { agent: '0', at: '2026-01-02T03:04:05Z' }, pods: [pod], containers })).get(
    pod.uid,
  );
const textOf = (containers: PodFigures['containers']): string => renderAnnotations({ containers }).memory;

describe('the figures of a pod', () => {
  it('are its real and the real, usage, limit and request of each container', () => {
    const cart = containerOf({
      ...{ name: 'cart', realBytes: 5, usageBytes: 9, limitBytes: 20, requestBytes: 10 },
      ...{ verdict: 'OK', peakRealBytes: 7, rssBytes: 3 },
    });
    assert.deepEqual(figuresOfPod(shop({ realBytes: 6 }), cart), {
      ...{ at: '2026-01-02T03:04:05Z', realBytes: 6 },
      containers: {
        cart: { realBytes: 5, usageBytes: 9, limitBytes: 20, requestBytes: 10, verdict: 'OK' },
      },
    });
  });

  it('omit a limit that applies to all pods of the node', () => {
    const limited = containerOf({ name: 'cart', limitBytes: 20, limitFrom: '/kubepods' });
    assert.deepEqual(figuresOfPod(shop(), limited)?.containers, { cart: {} });
  });

  it('include a container that an OOM kill ended and that does not run again', () => {
    const killed = [{ name: 'b', type: 'container', oomKills: 1, limitBytes: bytes(20) }] as const;
    assert.deepEqual(figuresOfPod(shop({ killed }), containerOf({ name: 'a', realBytes: 1 }))?.containers, {
      a: { realBytes: 1 },
      b: { limitBytes: 20, verdict: 'OOMKilled' },
    });
  });

  it('are absent if no container has figures', () => {
    assert.equal(figuresOfPod(shop({ realBytes: 5 }), containerOf({ type: 'sandbox' })), undefined);
    assert.equal(figuresOfPod(podOf(), containerOf({ realBytes: 5 })), undefined);
  });

  it('are those of the running container while its old cgroup still exists', () => {
    const lifetimes = [
      containerOf({ name: 'cart', realBytes: 5 * Mi, cgroup: '/p/new' }),
      containerOf({ name: 'cart', realBytes: 0, cgroup: '/p/old' }),
    ];
    for (const order of [lifetimes, lifetimes.toReversed()])
      assert.deepEqual(figuresOfPod(shop(), ...order)?.containers, { cart: { realBytes: 5 * Mi } });
  });

  it('are the same for any order of containers, and for any container name', () => {
    const names = ['b', 'constructor', '10', 'a', '9', '__proto__'];
    const inOrder = names.map((name) => containerOf({ name, realBytes: 1 }));
    const one = figuresOfPod(shop(), ...inOrder);
    assert.deepEqual(Object.keys(one?.containers ?? {}).toSorted(), names.toSorted());
    assert.equal(JSON.stringify(figuresOfPod(shop(), ...inOrder.toReversed())), JSON.stringify(one));
  });
});

describe('the text for people', () => {
  it('is one line for one container', () =>
    assert.equal(
      textOf({ cart: { realBytes: bytes(44 * Mi), limitBytes: bytes(128 * Mi), verdict: 'OK' } }),
      'cart 44Mi of 128Mi 34%',
    ));

  it('says "no limit" without a limit, and - for an unknown figure', () => {
    assert.equal(textOf({ cart: { realBytes: bytes(44 * Mi), verdict: 'NoLimit' } }), 'cart 44Mi no limit');
    assert.equal(
      textOf({ cart: { limitBytes: bytes(Mi), verdict: 'OOMKilled' } }),
      'cart - of 1Mi OOMKilled',
    );
  });

  it('is a table for several containers', () =>
    assert.equal(
      textOf({
        cart: { realBytes: bytes(120 * Mi), limitBytes: bytes(128 * Mi), verdict: 'NearLimit' },
        'log-shipper': { realBytes: bytes(4.5 * Mi), verdict: 'NoLimit' },
      }),
      ['cart          120Mi   of 128Mi   94%   NearLimit', 'log-shipper   4.5Mi   no limit'].join('\n'),
    ));

  it('counts omitted containers', () =>
    assert.equal(
      renderAnnotations({ containers: { cart: { realBytes: bytes(Mi) } }, omitted: 3 }).memory,
      'cart 1Mi no limit\nand 3 more',
    ));

  it('shows only verdicts that need action', () => {
    const said = verdicts.filter((verdict) => textOf({ cart: { verdict } }).includes(verdict));
    assert.deepEqual(said, ['OOMKilled', 'Throttled', 'NearLimit', 'Leaking', 'Oversized']);
  });
});

describe('an annotation', () => {
  const amount = fc.option(
    fc.maxSafeInteger().filter((n) => n >= 0),
    { nil: undefined },
  );
  const container = fc.record({
    ...{ realBytes: amount, usageBytes: amount, limitBytes: amount, requestBytes: amount },
    verdict: fc.constantFrom(undefined, ...verdicts),
  });
  const name = fc.oneof(
    anyText({ maxLength: 8 }),
    fc.constantFrom('constructor', '__proto__', '1', 'toString'),
  );
  const figures = fc.record({
    at: fc.constantFrom(undefined, '2026-01-02T03:04:05Z'),
    realBytes: amount,
    containers: fc.array(fc.tuple(name, container), { maxLength: 4 }).map((all) => Object.fromEntries(all)),
    omitted: amount,
  });
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

  it('parses back to the same figures', () =>
    fc.assert(
      fc.property(figures, (made) => {
        const read = parseFigures(renderAnnotations(made as PodFigures).report);
        assert.deepEqual(plain(read), plain(made));
        assert.equal(JSON.stringify(read), JSON.stringify(made));
      }),
    ));

  it('parses to valid figures or to nothing, for any text', () => {
    const hole = fc.oneof(fc.jsonValue(), fc.constantFrom('OK', -1, 1.5, 1e300, '5'));
    const text = fc.oneof(
      anyText({ maxLength: 20 }),
      fc.json(),
      fc
        .record({ at: hole, realBytes: hole, containers: fc.oneof(hole, fc.dictionary(name, hole)) })
        .map((value) => JSON.stringify(value)),
      fc
        .dictionary(name, fc.record({ realBytes: hole, limitBytes: hole, verdict: hole }))
        .map((containers) => JSON.stringify({ containers })),
    );
    const isAmount = (value: unknown): boolean =>
      value === undefined || (Number.isSafeInteger(value) && Number(value) >= 0);
    fc.assert(
      fc.property(text, (written) => {
        const read = parseFigures(written);
        if (read === undefined) return;
        assert.ok(read.at === undefined || typeof read.at === 'string');
        assert.ok(isAmount(read.realBytes));
        for (const one of Object.values(read.containers)) {
          assert.ok(isAmount(one.realBytes) && isAmount(one.limitBytes));
          assert.ok(one.verdict === undefined || verdicts.includes(one.verdict));
        }
      }),
      { numRuns: 500 },
    );
  });

  for (const text of ['', '{', 'null', '[]', '7', '{}', '{"containers":[]}', '{"containers":null}'])
    it(`is invalid if it is ${text}`, () => assert.equal(parseFigures(text), undefined));

  it('is never empty, because an empty one counts as missing', () => {
    for (const made of figuresOf(recorded('kubernetes-v1')).values())
      for (const text of Object.values(renderAnnotations(made))) assert.notEqual(text.trim(), '');
  });

  it('leaves the owner a third of the 256 KiB of an object, with 400 containers of the longest names', () => {
    const all = Array.from({ length: 400 }, (_, n) => [`${n}`.padStart(63, 'x'), n] as const);
    const largest = bytes(999 * 1024 ** 4 + 1);
    const { memory, report } = renderAnnotations({
      at: '2026-01-02T03:04:05Z',
      containers: Object.fromEntries(
        all.map(([name]) => [
          name,
          {
            realBytes: largest,
            usageBytes: largest,
            limitBytes: largest,
            requestBytes: largest,
            verdict: 'OOMKilled',
          },
        ]),
      ),
    });
    assert.ok(memory.length + report.length < (256 * 1024 * 2) / 3, `${memory.length + report.length}`);
  });
});
