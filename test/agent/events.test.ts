/** OOM kills between two passes, from the kernel's memory event to the history. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { Health } from '../../src/agent/health.ts';
import { type LoggedKill, loop } from '../../src/agent/loop.ts';
import { openNode } from '../../src/agent/source.ts';
import { type Node, type Ticked, tick } from '../../src/agent/tick.ts';
import { Names } from '../../src/identify/names.ts';
import type { Pod } from '../../src/model/pod.ts';
import { EventSampler } from '../../src/sample/events/event-sampler.ts';
import { closeWindows } from '../../src/usage/history.ts';
import { lay, tempDir } from '../temp.ts';

const uid = '11111111-2222-3333-4444-555555555555';
const [first, second] = ['a', 'b'].map((digit) => digit.repeat(64)) as [string, string];
const MiB = 2 ** 20;
const hourMs = 3_600_000;
const podPath = `kubepods/pod${uid}`;
const podWith = (...ids: readonly string[]): Pod => ({
  ...{ uid, namespace: 'shop', name: 'web-1', workload: 'Deployment/web', labels: {} },
  containers: [{ name: 'main', type: 'container', ids, running: true }],
});

/** An agent whose passes are an hour apart, on a host with one container. */
async function running(test: TestContext, names: Names) {
  const root = tempDir(test);
  const tree = path.join(root, 'sys/fs/cgroup');
  const write = (cgroup: string, usage: number, kills = 0, max = kills): void =>
    lay(path.join(tree, cgroup), {
      'memory.current': `${usage * MiB}\n`,
      'memory.stat': `anon ${usage * MiB}\nactive_file 0\ninactive_file 0\n`,
      'memory.max': `${64 * MiB}\n`,
      'memory.events': `max ${max}\noom ${kills}\noom_kill ${kills}\noom_group_kill 0\n`,
    });
  lay(tree, { 'cgroup.controllers': 'memory\n' });
  write(podPath, 10);
  write(`${podPath}/${first}`, 10);
  const source = { names, state: () => undefined, close: () => {} };
  const opened = openNode({ root, periodSeconds: 3600 }, [], source);
  // Any root but `/` counts as a recording. This one passes for a live host.
  const node: Node = {
    ...opened,
    host: { ...opened.host, recording: undefined },
    events: new EventSampler({ directory: tree, root: '/', live: false }),
  };
  let next = Promise.withResolvers<LoggedKill>();
  let at = Date.UTC(2026, 10, 23);
  const stop = await loop(node, {
    ...{ periodMs: hourMs, reportPeriodMs: hourMs, health: new Health(hourMs, 0) },
    clock: { read: () => ({ at, isTrusted: true }) },
    log: { warn: (message) => assert.fail(message) },
    onTick: () => {},
    onError: (error) => assert.fail(String(error)),
    onKill(kill) {
      next.resolve(kill);
      next = Promise.withResolvers();
    },
  });
  test.after(async () => {
    await stop();
    node.host.close();
  });
  /** The kernel kills the container; the runtime removes its cgroup, and starts the container again. */
  const killed = async (): Promise<LoggedKill> => {
    const kill = next.promise;
    write(`${podPath}/${first}`, 64, 1);
    write(podPath, 64, 1);
    const found = await kill;
    fs.rmSync(path.join(tree, podPath, first), { recursive: true });
    write(`${podPath}/${second}`, 10);
    return found;
  };
  const report = (): Promise<Ticked> => {
    at += hourMs;
    return tick(node, at, true);
  };
  const pass = (): Promise<Ticked> => tick(node, at, false);
  const aggregate = () => [...closeWindows(node.history.kept())][0]?.aggregate;
  /** Waits until the agent has seen a real of so many MiB in the container. */
  const reached = async (real: number): Promise<void> => {
    const inode = fs.statSync(path.join(tree, podPath, first)).ino;
    const id = { path: `/${podPath}/${first}`, inode };
    while (node.history.peakOf(id) !== real * MiB) await new Promise(setImmediate);
  };
  return { root: tree, node, write, killed, reached, pass, report, aggregate };
}

describe('a container that reaches its limit between two passes', () => {
  it('keeps the peak, in its report and in the history of its workload', async (test) => {
    const { write, reached, report, aggregate } = await running(test, new Names([podWith(first)]));
    write(`${podPath}/${first}`, 60, 0, 1);
    write(podPath, 60, 0, 1);
    await reached(60);
    write(`${podPath}/${first}`, 10, 0, 1);
    write(podPath, 10, 0, 1);
    const [container] = (await report()).report?.containers ?? [];
    assert.deepEqual([container?.realBytes, container?.peakRealBytes], [10 * MiB, 60 * MiB]);
    assert.equal(Math.max(...(aggregate()?.peaks(Date.UTC(2026, 10, 24) / 1000) ?? [])), 60 * MiB);
  });
});

describe('a container that is replaced at its path', () => {
  it('is followed anew, although the old one had events', async (test) => {
    const { write, reached, pass, report, killed, root } = await running(test, new Names([podWith(first)]));
    write(`${podPath}/${first}`, 60, 0, 1);
    write(podPath, 60, 0, 1);
    await reached(60);
    fs.renameSync(path.join(root, podPath), path.join(root, '../old'));
    write(podPath, 10);
    write(`${podPath}/${first}`, 10);
    // The first pass finds that the old one is gone.
    await pass();
    await report();
    const { kills } = await killed();
    assert.equal(kills, 1);
  });
});

describe('a container that is killed and removed between two passes', () => {
  it('is known at once, with its name and its usage at the kill', async (test) => {
    const { killed, node } = await running(test, new Names([podWith(first)]));
    const { identified, kills, before } = await killed();
    assert.deepEqual([kills, before], [1, 0]);
    assert.equal(identified.pod?.name, 'web-1');
    assert.equal(identified.container?.container?.name, 'main');
    assert.equal(identified.sample.details?.limit, 64 * MiB);
    assert.equal(node.history.peakOf(identified.sample.id), 64 * MiB);
  });

  it('adds its kill to the history of its workload in the next report, once', async (test) => {
    const names = new Names([podWith(second, first)]);
    const { killed, report, aggregate } = await running(test, names);
    assert.deepEqual(aggregate()?.kills, []);
    await killed();
    for (let reports = 0; reports < 2; reports++) {
      await report();
      assert.deepEqual(
        aggregate()?.kills.map(({ pod, lifetime, limit }) => ({ pod, lifetime, limit })),
        [{ pod: 'web-1', lifetime: first, limit: 64 * MiB }],
      );
    }
  });

  it('adds its kill once the API server has named it', async (test) => {
    let pod = podWith();
    class LateNames extends Names {
      override pod(): Pod {
        return pod;
      }
    }
    const { killed, report, aggregate } = await running(test, new LateNames([]));
    await killed();
    await report();
    assert.deepEqual(aggregate()?.kills ?? [], []);
    pod = podWith(second, first);
    await report();
    assert.equal(aggregate()?.kills.length, 1);
  });
});
