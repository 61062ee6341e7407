import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { ticksOver } from '../../src/agent/replay.ts';
import { openNode } from '../../src/agent/source.ts';
import { type Node, tick } from '../../src/agent/tick.ts';
import { Names } from '../../src/identify/names.ts';
import type { NameSource } from '../../src/identify/names-source.ts';
import { messageOf } from '../../src/model/located-error.ts';
import type { Pod } from '../../src/model/pod.ts';
import type { NodeReport, Sink } from '../../src/model/report.ts';
import { Advice } from '../../src/recommend/advice.ts';
import { closeWindows, History } from '../../src/usage/history.ts';
import { lay, tempDir } from '../temp.ts';

const uid = '11111111-2222-3333-4444-555555555555';
const id = 'a'.repeat(64);
const cgroup = `sys/fs/cgroup/kubepods/pod${uid}/${id}`;
const pod: Pod = {
  ...{ uid, namespace: 'shop', name: 'web-1', workload: 'Deployment/web', labels: {} },
  containers: [{ name: 'main', type: 'container', ids: [id], running: true }],
};
const start = Date.UTC(2026, 10, 23);
const minuteMs = 60_000;

/** A host with one pod of one container, whose real is usage − 2. */
function hostIn(test: TestContext): string {
  const root = tempDir(test);
  lay(root, {
    'sys/fs/cgroup/cgroup.controllers': 'memory\n',
    [`${cgroup}/memory.current`]: '5\n',
    [`${cgroup}/memory.stat`]: 'active_file 1\ninactive_file 1\n',
  });
  return root;
}

const sourceOf = (names: Names): NameSource => ({ names, state: () => undefined, close: () => {} });

function openedOn(test: TestContext, root: string, sinks: readonly Sink[] = []): Node {
  const node = openNode({ root, periodSeconds: 60 }, sinks, sourceOf(new Names([pod])));
  test.after(() => node.host.close());
  return node;
}

/** Any root but `/` counts as a recording. This one passes for a live host. */
function liveNodeOn(test: TestContext, root: string, sinks: readonly Sink[] = []): Node {
  const node = openedOn(test, root, sinks);
  return { ...node, host: { ...node.host, recording: undefined } };
}

const collecting = (reports: NodeReport[]): Sink => ({
  name: 'memory',
  async write(report) {
    reports.push(report);
  },
  async close() {},
});

const failing: Sink = {
  name: 'broken',
  write: () => Promise.reject(new Error('it is broken; mend it')),
  async close() {},
};

/** The workloads in the history. */
const remembered = ({ history }: Node): readonly string[] =>
  [...closeWindows(history.kept())].map(({ key }) => `${key.namespace}/${key.workload}`);

describe('the stages of a tick', () => {
  /** Notes each stage at its first call. */
  function traced(test: TestContext): { readonly node: Node; readonly stages: Set<string> } {
    const stages = new Set<string>();
    class TracedNames extends Names {
      override pod(podUID: string): Pod | undefined {
        stages.add('identify');
        return super.pod(podUID);
      }
    }
    class TracedHistory extends History {
      override sampled(...given: Parameters<History['sampled']>): void {
        stages.add('observe');
        super.sampled(...given);
      }
      override identified(...given: Parameters<History['identified']>): void {
        stages.add('remember kills');
        super.identified(...given);
      }
      override peakOf(...given: Parameters<History['peakOf']>): ReturnType<History['peakOf']> {
        stages.add('account');
        return super.peakOf(...given);
      }
      override accounted(...given: Parameters<History['accounted']>): void {
        stages.add('remember usage');
        super.accounted(...given);
      }
    }
    class TracedAdvice extends Advice {
      override on(...given: Parameters<Advice['on']>): ReturnType<Advice['on']> {
        stages.add('recommend');
        return super.on(...given);
      }
    }
    const publishing: Sink = {
      name: 'memory',
      async write() {
        stages.add('publish');
      },
      async close() {},
    };
    const history = new TracedHistory();
    const plain = liveNodeOn(test, hostIn(test), [publishing]);
    const { cgroups } = plain.host;
    assert.ok(cgroups !== undefined);
    const { tree } = cgroups;
    const node: Node = {
      ...plain,
      history,
      host: {
        ...plain.host,
        cgroups: {
          ...cgroups,
          tree: {
            close: () => tree.close(),
            scan: (below) => tree.scan(below),
            walk(visit, admit) {
              stages.add('sample');
              return tree.walk(visit, admit);
            },
          },
        },
      },
      names: sourceOf(new TracedNames([pod])),
      advice: new TracedAdvice(history),
      conditions() {
        stages.add('report');
        return [];
      },
    };
    return { node, stages };
  }

  it('run in this order if a report is due', async (test) => {
    const { node, stages } = traced(test);
    await tick(node, start, true);
    assert.deepEqual(
      [...stages],
      [
        ...['sample', 'observe', 'identify', 'remember kills', 'account', 'remember usage'],
        ...['recommend', 'report', 'publish'],
      ],
    );
  });

  it('end after sample and observe if no report is due', async (test) => {
    const { node, stages } = traced(test);
    const { report, failures } = await tick(node, start, false);
    assert.deepEqual([...stages], ['sample', 'observe']);
    assert.deepEqual([report, failures], [undefined, []]);
  });

  it('skip recommend for a single pass, which has too little data', async (test) => {
    const { node, stages } = traced(test);
    const { periodSeconds: _, ...about } = node.about;
    await tick({ ...node, about }, start, true);
    assert.equal(stages.has('recommend'), false);
    assert.equal(stages.has('publish'), true);
  });
});

describe('a tick without a report', () => {
  it('remembers the peak for the next report and writes to no sink', async (test) => {
    const reports: NodeReport[] = [];
    const root = hostIn(test);
    const node = liveNodeOn(test, root, [collecting(reports)]);
    lay(root, { [`${cgroup}/memory.current`]: '50\n' });
    assert.equal((await tick(node, start, false)).report, undefined);
    lay(root, { [`${cgroup}/memory.current`]: '5\n' });
    await tick(node, start + minuteMs, true);
    const [container] = reports[0]?.containers ?? [];
    assert.deepEqual([reports.length, container?.realBytes, container?.peakRealBytes], [1, 3, 48]);
  });
});

describe('a tick at an untrusted time', () => {
  it('adds nothing to the history, and reports all the same', async (test) => {
    const reports: NodeReport[] = [];
    const node = liveNodeOn(test, hostIn(test), [collecting(reports)]);
    for (let minute = 0; minute < 3; minute++) await tick(node, start + minute * minuteMs, true, false);
    assert.deepEqual(remembered(node), []);
    assert.deepEqual(
      reports.map(({ containers }) => containers[0]?.realBytes),
      [3, 3, 3],
    );
  });

  it('keeps the peak of each cgroup, which needs no time', async (test) => {
    const root = hostIn(test);
    const node = liveNodeOn(test, root);
    lay(root, { [`${cgroup}/memory.current`]: '50\n' });
    await tick(node, start, false, false);
    lay(root, { [`${cgroup}/memory.current`]: '5\n' });
    const { report } = await tick(node, start + minuteMs, true, false);
    assert.equal(report?.containers[0]?.peakRealBytes, 48);
  });

  it('is followed by ticks that remember, once the time is trusted', async (test) => {
    const node = liveNodeOn(test, hostIn(test));
    await tick(node, start, true, false);
    await tick(node, start + minuteMs, true);
    assert.deepEqual(remembered(node), ['shop/Deployment/web']);
  });

  it('over a recording is remembered, because ticksOver trusts the time of a recording', async (test) => {
    const root = hostIn(test);
    lay(root, { 'recording.json': '{"at":"2026-01-01T00:00:00Z","node":"n"}' });
    const node = openedOn(test, root);
    await ticksOver(node)(start, true, false);
    assert.deepEqual(remembered(node), ['shop/Deployment/web']);
  });
});

describe('a tick with a failing sink', () => {
  it('names the failing sink with its error, and gives the report to the others', async (test) => {
    const reports: NodeReport[] = [];
    const node = liveNodeOn(test, hostIn(test), [failing, collecting(reports)]);
    const { report, failures } = await tick(node, start, true);
    assert.deepEqual(
      failures.map(({ sink, error }) => [sink, messageOf(error)]),
      [['broken', 'it is broken; mend it']],
    );
    assert.equal(reports.length, 1);
    assert.equal(reports[0], report);
  });
});

describe('two ticks', () => {
  it('keep the transition time of a condition that has not changed', async (test) => {
    const reports: NodeReport[] = [];
    const root = hostIn(test);
    lay(root, { 'recording.json': '{"at":"2026-01-01T00:00:00Z","node":"n"}' });
    const node = openedOn(test, root, [collecting(reports)]);
    await tick(node, 0, true);
    await tick(node, 60_000, true);
    assert.deepEqual(
      reports.map(({ conditions }) => conditions[0]?.lastTransitionTime),
      ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'],
    );
  });
});
