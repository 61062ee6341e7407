import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bytes } from '../../src/model/bytes.ts';
import type { CgroupRole } from '../../src/model/cgroup-role.ts';
import type { Accounted } from '../../src/model/observation.ts';
import type { ContainerType, Pod } from '../../src/model/pod.ts';
import type { Recommendation } from '../../src/model/recommendation.ts';
import { type Verdict, verdicts } from '../../src/model/report.ts';
import { judge } from '../../src/recommend/verdict.ts';
import type { Figures } from '../report/reports.ts';

const hour = 3_600_000;
const now = Date.parse('2026-11-23T09:00:00Z');

interface Case {
  readonly usage?: Figures;
  /** Hours ago. */
  readonly since?: number;
  readonly killed?: number;
  /** Whether the events of memory.high rose since the previous sample. */
  readonly aboveHigh?: boolean;
  readonly role?: CgroupRole;
  readonly type?: ContainerType;
  /** The pod that leaks, of all replicas. */
  readonly leaks?: string;
  /** Upper bound of the recommended request; absent: no recommendation. */
  readonly upper?: number;
  /** Whether the API has named it. */
  readonly named?: boolean;
  /** Usage of the pod's own cgroup. */
  readonly inPod?: Figures;
}

const pod: Pod = { uid: 'u', namespace: 'shop', name: 'cart', labels: {}, containers: [] };

function verdictOf(one: Case = {}): Verdict | undefined {
  const { usage = { realBytes: 10, limitBytes: 100 }, since, killed, named = true } = one;
  const { type = 'container', role = { kind: 'container', podUID: 'u', id: 'a' } } = one;
  const container = { name: 'cart', type, ids: ['a'], running: true };
  const accounted = {
    role,
    sample: { id: { path: '/kubepods/podu/a', inode: 1 }, version: 2, faults: [] },
    usage,
    ...(named && { pod, container: { pod, type, ...(type !== 'sandbox' && { container }) } }),
  } as unknown as Accounted;
  const history = {
    sinceOf: () => (since === undefined ? undefined : now - since * hour),
    lastKillOf: (uid: string, name: string) =>
      uid === 'u' && name === 'cart' && killed !== undefined ? now - killed * hour : undefined,
    isAboveHigh: () => one.aboveHigh ?? false,
  };
  const bounds = { target: bytes(1), lower: bytes(1), upper: bytes(one.upper ?? 1_000) };
  const leak = { pod: one.leaks ?? '', perDay: 1, since: 0, from: 0, until: 1, to: 1 };
  const recommendation: Recommendation = {
    ...{ request: bounds, limit: bounds, confidence: 'high', days: 7, because: [] },
    ...(one.leaks !== undefined && { leak }),
  };
  const isAdvised = one.leaks !== undefined || one.upper !== undefined;
  const podRole = { kind: 'pod', podUID: 'u' };
  const around = { role: podRole, sample: { id: { path: '/kubepods/podu', inode: 2 } }, usage: one.inPod };
  const all = [accounted, ...(one.inPod === undefined ? [] : [around as unknown as Accounted])];
  const [judged] = judge(all, history, () => (isAdvised ? recommendation : undefined), now);
  return judged?.verdict;
}

describe('the verdict on a container', () => {
  it('is OK after a day, and Learning before', () => {
    assert.equal(verdictOf({ since: 24 }), 'OK');
    assert.equal(verdictOf({ since: 23.99 }), 'Learning');
    assert.equal(verdictOf(), 'Learning');
  });

  it('is OOMKilled for a day after an OOM kill', () => {
    assert.equal(verdictOf({ since: 48, killed: 0 }), 'OOMKilled');
    assert.equal(verdictOf({ since: 48, killed: 23.99 }), 'OOMKilled');
    assert.equal(verdictOf({ since: 48, killed: 24 }), 'OK');
  });

  it('is NearLimit when the whole pod is near a limit that holds for the container', () => {
    const inPod: Figures = { realBytes: 95, limitBytes: 100 };
    // As the kernel has it, and as a kubelet writes it into a container without a limit of its own.
    for (const usage of [
      { realBytes: 30, limitBytes: 100, limitFrom: '/kubepods/podu' },
      { realBytes: 30, limitBytes: 100 },
    ])
      assert.equal(verdictOf({ since: 48, usage, inPod }), 'NearLimit');
    assert.equal(verdictOf({ since: 48, usage: { realBytes: 30, limitBytes: 50 }, inPod }), 'OK');
    const well: Figures = { realBytes: 80, limitBytes: 100 };
    assert.equal(verdictOf({ since: 48, usage: { realBytes: 30, limitBytes: 100 }, inPod: well }), 'OK');
  });

  it('is NearLimit from 90 % of the limit on', () => {
    for (const [realBytes, verdict] of [
      [89, 'OK'],
      [90, 'NearLimit'],
      [100, 'NearLimit'],
    ] as const)
      assert.equal(verdictOf({ since: 48, usage: { realBytes, limitBytes: 100 } }), verdict);
  });

  it('is Throttled when high events rise and tasks wait for memory, or real is 90 % of memory.high', () => {
    const at = (usage: Figures, aboveHigh = true) => verdictOf({ since: 48, aboveHigh, usage });
    const high = { limitBytes: 1000, highBytes: 100, usageBytes: 100 };
    assert.equal(at({ ...high, realBytes: 10, psiSomeAvg60: 5 }), 'Throttled');
    assert.equal(at({ ...high, realBytes: 90, psiSomeAvg60: 0 }), 'Throttled');
    assert.equal(at({ ...high, realBytes: 90 }), 'Throttled', 'without PSI');
    assert.equal(at({ ...high, realBytes: 10, psiSomeAvg60: 5 }, false), 'OK', 'events stand still');
  });

  it('is not Throttled with page cache at memory.high and little waiting', () => {
    const usage = { limitBytes: 1000, highBytes: 100, usageBytes: 100, realBytes: 10, psiSomeAvg60: 4.99 };
    assert.equal(verdictOf({ since: 48, aboveHigh: true, usage }), 'OK');
  });

  it('is not Throttled without memory.high, even if its tasks wait for memory', () =>
    assert.equal(
      verdictOf({ since: 48, aboveHigh: true, usage: { realBytes: 10, limitBytes: 100, psiSomeAvg60: 90 } }),
      'OK',
    ));

  it('is NearLimit at 90 % of memory.high when that is below the limit', () => {
    const usage = { realBytes: 90, limitBytes: 1000, highBytes: 100 };
    assert.equal(verdictOf({ since: 48, usage }), 'NearLimit');
    assert.equal(verdictOf({ since: 48, usage: { ...usage, highBytes: 2000 } }), 'OK');
  });

  it('is NoLimit with memory.high alone, because it does not stop growth', () =>
    assert.equal(verdictOf({ since: 48, usage: { realBytes: 10, highBytes: 100 } }), 'NoLimit'));

  it('is OK with usage at the limit but little real: page cache does not count', () =>
    assert.equal(verdictOf({ since: 48, usage: { realBytes: 10, usageBytes: 100, limitBytes: 100 } }), 'OK'));

  it('is Leaking for the replica that leaks, and OK for another one', () => {
    assert.equal(verdictOf({ since: 48, leaks: 'cart' }), 'Leaking');
    assert.equal(verdictOf({ since: 48, leaks: 'cart-2' }), 'OK');
  });

  it('is Oversized after a day with a request above 1.5 × the upper bound', () => {
    const usage = { realBytes: 10, limitBytes: 400, requestBytes: 151 };
    assert.equal(verdictOf({ since: 48, usage, upper: 100 }), 'Oversized');
    assert.equal(verdictOf({ since: 48, usage: { ...usage, requestBytes: 150 }, upper: 100 }), 'OK');
    assert.equal(verdictOf({ since: 23, usage, upper: 100 }), 'Learning');
    assert.equal(verdictOf({ since: 48, usage }), 'OK');
  });

  it('is NoLimit when neither the container nor its pod has one', () => {
    const of = (usage: Figures): Verdict | undefined => verdictOf({ since: 48, usage });
    assert.equal(of({ realBytes: 10 }), 'NoLimit');
    assert.equal(of({ realBytes: 10, limitBytes: 100, limitFrom: '/kubepods' }), 'NoLimit');
    assert.equal(of({ realBytes: 10, limitBytes: 100, limitFrom: '/kubepods/podu' }), 'OK');
  });

  it('is NearLimit near the limit of all pods of the node, which kills the container too', () => {
    const usage = { realBytes: 95, limitBytes: 100, limitFrom: '/kubepods' };
    assert.equal(verdictOf({ since: 48, usage }), 'NearLimit');
  });

  it('exists without a value for real', () => {
    assert.equal(verdictOf({ since: 48, usage: { limitBytes: 100 } }), 'OK');
    assert.equal(verdictOf({ since: 48, usage: {} }), 'NoLimit');
  });

  it('ignores kills of a container without a name', () =>
    assert.equal(verdictOf({ killed: 1, named: false }), 'Learning'));

  it('is undefined for a sandbox, a pod, and a cgroup outside pods', () => {
    const roles: readonly CgroupRole[] = [
      { kind: 'pod', podUID: 'u', qos: 'Burstable' },
      { kind: 'other', type: 'service', name: 'ssh' },
      { kind: 'kube' },
    ];
    for (const role of roles) assert.equal(verdictOf({ killed: 1, role }), undefined);
    assert.equal(verdictOf({ killed: 1, type: 'sandbox' }), undefined);
  });

  it('is the first condition that matches, in the order of `verdicts`', () => {
    const kill = fc.option(fc.integer({ min: 0, max: 47 }), { nil: undefined });
    const limit = fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined });
    const some = fc.record({
      ...{ killed: kill, limitBytes: limit, realBytes: fc.nat(200), since: fc.nat(47) },
      ...{ highBytes: limit, aboveHigh: fc.boolean(), psiSomeAvg60: fc.integer({ min: 0, max: 9 }) },
      ...{ leaks: fc.boolean(), requestBytes: fc.nat(300), upper: fc.integer({ min: 1, max: 200 }) },
    });
    fc.assert(
      fc.property(some, ({ killed, since, leaks, upper, aboveHigh, ...usage }) => {
        const { limitBytes, realBytes, requestBytes, highBytes, psiSomeAvg60 } = usage;
        const first = Math.min(limitBytes ?? 1000, highBytes ?? 1000);
        const holds: Readonly<Record<Verdict, boolean>> = {
          OOMKilled: killed !== undefined && killed < 24,
          Throttled:
            aboveHigh && highBytes !== undefined && (psiSomeAvg60 >= 5 || realBytes / highBytes >= 0.9),
          NearLimit: realBytes / first >= 0.9,
          Leaking: leaks,
          Oversized: since >= 24 && requestBytes > 1.5 * upper,
          NoLimit: limitBytes === undefined,
          Learning: since < 24,
          OK: true,
        };
        const found = verdictOf({
          since,
          ...(killed !== undefined && { killed }),
          ...(leaks && { leaks: 'cart' }),
          ...{ upper, aboveHigh, usage },
        });
        assert.equal(
          found,
          verdicts.find((verdict) => holds[verdict]),
        );
      }),
    );
  });
});
