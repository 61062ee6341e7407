import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { KeptHistory } from '../../src/checkpoint/kept-history.ts';
import { decodeCheckpoint } from '../../src/checkpoint/read.ts';
import { ApiError } from '../../src/kube/api-error.ts';
import { historyMapOf } from '../../src/publish/history-map.ts';
import { closeWindows } from '../../src/usage/history.ts';
import { startProcess } from '../cli/process.ts';
import { reportOf } from '../publish/contract.ts';
import { suggestFrom } from '../suggest/suggest-from.ts';
import { tempDir } from '../temp.ts';
import { day, keyOf, MiB, monday, type PlayedContainer, play } from '../usage/made/played.ts';

const cart: PlayedContainer = { pod: 'cart-1', real: () => 100 };
const now = (): number => (monday + day) * 1000;
const report = reportOf('node-1');

/** An agent of that node with a day of history. */
function seen(node = 'node-1'): KeptHistory {
  const kept = new KeptHistory({ node, now });
  play([cart], { days: 1, stepSeconds: 300 }, kept.history);
  return kept;
}

const largestOf = ({ history }: KeptHistory): number =>
  Math.round(
    (closeWindows(history.kept())
      .find(keyOf(cart))
      ?.largest(monday + day) ?? Number.NaN) / MiB,
  );

async function fileOf(test: TestContext, node?: string): Promise<{ directory: string; file: string }> {
  const directory = tempDir(test);
  const sink = await seen(node).openFile(directory);
  await sink.write(report);
  await sink.close();
  const [name = ''] = fs.readdirSync(directory);
  return { directory, file: path.join(directory, name) };
}

describe('the history in a file', () => {
  it('continues in the next agent, which says so', async (test) => {
    const { directory, file } = await fileOf(test);
    const next = new KeptHistory({ node: 'node-1', now });
    await next.openFile(directory);
    assert.equal(largestOf(next), 100);
    const { type, status, message } = next.condition;
    assert.deepEqual([type, status], ['HistoryKept', 'True']);
    assert.equal(message, `Continues the history from ${file}, written 2024-10-08T00:00:00Z.`);
  });

  it('is set aside and reported when it is torn, of another node or of another version', async (test) => {
    const whole = await fileOf(test);
    const text = fs.readFileSync(whole.file, 'utf8');
    const broken: readonly (readonly [string, RegExp])[] = [
      [text.slice(0, text.length / 2), /characters that are not JSON/],
      ['', /got nothing/],
      [text.replace('"version":1', '"version":7'), /expected version 1, .* got 7/],
      [
        text.replace('"node":"node-1"', '"node":"node-2"'),
        /expected the history of node-1, got the history of node-2/,
      ],
    ];
    const asides = new Set<string>();
    for (const [content, why] of broken) {
      fs.writeFileSync(whole.file, content);
      const next = new KeptHistory({ node: 'node-1', now });
      const sink = await next.openFile(whole.directory);
      assert.equal(next.condition.status, 'False');
      assert.equal(next.condition.reason, 'SetAside');
      assert.match(next.condition.message, why);
      const [, aside = ''] = /the agent keeps it as (\S+\.aside(?:\.\d)?) and starts a new history/.exec(
        next.condition.message,
      ) as RegExpExecArray;
      assert.equal(fs.readFileSync(aside, 'utf8'), content);
      asides.add(aside);
      await sink.write(report);
      assert.ok(decodeCheckpoint('it', fs.readFileSync(whole.file, 'utf8')));
      await sink.close();
    }
    assert.equal(asides.size, broken.length, 'no file was overwritten');
  });

  it('begins without an earlier file', async (test) => {
    const first = new KeptHistory({ node: 'node-1', now });
    await first.openFile(tempDir(test));
    assert.equal(first.condition.reason, 'Begun');
  });

  it('survives an agent that is killed with SIGKILL', async (test) => {
    const directory = tempDir(test);
    const root = path.join(directory, 'root');
    const kept = path.join(directory, 'kept');
    const pod = 'kubepods/burstable/pod11111111-1111-1111-1111-111111111111';
    const id = 'a'.repeat(64);
    const cgroup = path.join(root, 'sys/fs/cgroup', pod, id);
    fs.mkdirSync(cgroup, { recursive: true });
    fs.mkdirSync(path.join(root, 'proc'));
    fs.writeFileSync(
      path.join(root, 'proc/meminfo'),
      'MemTotal: 8000000 kB\nMemFree: 4000000 kB\nBuffers: 0 kB\nCached: 0 kB\n',
    );
    fs.writeFileSync(path.join(root, 'sys/fs/cgroup/cgroup.controllers'), 'memory\n');
    const use = (mebibytes: number): void => {
      for (const directory of [cgroup, path.dirname(cgroup)]) {
        fs.writeFileSync(path.join(directory, 'memory.current'), `${mebibytes * MiB}\n`);
        fs.writeFileSync(
          path.join(directory, 'memory.stat'),
          'anon 0\nfile 0\nactive_file 0\ninactive_file 0\n',
        );
      }
    };
    use(300);
    const pods = path.join(directory, 'pods.json');
    const status = {
      containerStatuses: [{ name: 'web', containerID: `containerd://${id}`, state: { running: {} } }],
    };
    const metadata = { uid: '11111111-1111-1111-1111-111111111111', namespace: 'shop', name: 'cart-1' };
    const spec = { containers: [{ name: 'web' }] };
    fs.writeFileSync(pods, JSON.stringify({ kind: 'Pod', metadata, spec, status }));
    const flags = [
      ...[
        'agent',
        '--root',
        root,
        '--pods',
        pods,
        '--node',
        'node-1',
        '--period',
        '100ms',
        '--output',
        'off',
      ],
      ...['--report-dir', 'off', '--probe-address', 'off', '--report-address', 'off', '--history-dir', kept],
    ];
    const file = path.join(kept, 'node-1.history.json');
    const largest = (): number => {
      const { aggregates, lifetimes } = decodeCheckpoint(file, fs.readFileSync(file, 'utf8'));
      const [first] = closeWindows({ aggregates, lifetimes });
      return Math.round(
        Math.max(...[...(first?.aggregate.days.values() ?? [])].map(({ peak }) => peak)) / MiB,
      );
    };
    fs.mkdirSync(kept);
    // It is written with the first report, then each minute.
    const written = new Promise<void>((resolve) => {
      const watcher = fs.watch(kept, () => {
        if (!fs.existsSync(file)) return;
        watcher.close();
        resolve();
      });
    });
    const first = startProcess(flags);
    await written;
    first.kill('SIGKILL');
    await first.ended;
    assert.ok(Math.abs(largest() - 300) < 2);
    use(50);
    const second = startProcess([...flags, '--log-level', 'info']);
    await second.says(/Continues the history from/);
    second.kill('SIGTERM');
    const { stderr } = await second.ended;
    assert.ok(Math.abs(largest() - 300) < 2, `${largest()} ${stderr}`);
  });
});

describe('the file of a node', () => {
  const agent = (about: string): KeptHistory => new KeptHistory({ node: 'node-1', now, about });

  it('belongs to one agent at a time: a second one names the first, and writes after it has ended', async (test) => {
    const directory = tempDir(test);
    const file = path.join(directory, 'node-1.history.json');
    const first = new KeptHistory({ node: 'node-1', now, about: 'process 7 on a' });
    play([cart], { days: 1, stepSeconds: 300 }, first.history);
    const firstSink = await first.openFile(directory);
    await firstSink.write(report);
    const said: string[] = [];
    const second = new KeptHistory({
      node: 'node-1',
      now,
      about: 'process 8 on a',
      say: (message) => said.push(message),
    });
    const secondSink = await second.openFile(directory);
    assert.equal(second.condition.reason, 'InUse');
    assert.match(
      second.condition.message,
      /Another running agent uses \S+node-1\.history\.json: process 7 on a\. This agent keeps no history until that one ends;/,
    );
    const before = fs.readFileSync(file, 'utf8');
    await secondSink.write(report);
    assert.equal(fs.readFileSync(file, 'utf8'), before);
    await firstSink.close();
    await secondSink.write(report);
    assert.equal(second.condition.status, 'True');
    assert.equal(said.length, 1);
    assert.equal(largestOf(second), 100);
    await secondSink.close();
  });

  it('is written without a lock when its path is too long for one, and the agent says so', async (test) => {
    const directory = path.join(tempDir(test), 'a'.repeat(100));
    const said: string[] = [];
    const one = new KeptHistory({ node: 'node-1', now, say: (message) => said.push(message) });
    const sink = await one.openFile(directory);
    await sink.write(report);
    await sink.close();
    assert.deepEqual(fs.readdirSync(directory), ['node-1.history.json']);
    assert.equal(said.length, 1);
    assert.match(said[0] ?? '', /^A second agent would overwrite .* Pass a shorter --history-dir\.$/);
  });

  it('of another node is written beside it', async (test) => {
    const directory = tempDir(test);
    const other = new KeptHistory({ node: 'node-2', now });
    const sinks = [await agent('').openFile(directory), await other.openFile(directory)];
    for (const sink of sinks) await sink.write(report);
    assert.equal(other.condition.reason, 'Begun');
    for (const sink of sinks) await sink.close();
    assert.deepEqual(fs.readdirSync(directory).sort(), ['node-1.history.json', 'node-2.history.json']);
  });

  it('is cleared of the temporary files that a killed agent left, and of nothing else', async (test) => {
    const directory = tempDir(test);
    const old = new Date(Date.now() - 3_600_000);
    const names = {
      'node-1.history.json.0123abcd.tmp': false,
      'node-1.history.json.0123abcde.tmp': true,
      'node-10.history.json.0123abcd.tmp': true,
      'node-1.history.json.mine.tmp': true,
      'notes.tmp': true,
    };
    for (const name of Object.keys(names)) {
      fs.writeFileSync(path.join(directory, name), 'half');
      fs.utimesSync(path.join(directory, name), old, old);
    }
    fs.writeFileSync(path.join(directory, 'node-1.history.json.ffffffff.tmp'), 'being written');
    const sink = await agent('').openFile(directory);
    await sink.close();
    const stay = Object.entries(names).flatMap(([name, stays]) => (stays ? [name] : []));
    assert.deepEqual(fs.readdirSync(directory).sort(), [...stay, 'node-1.history.json.ffffffff.tmp'].sort());
  });

  it('is not overwritten when it can neither be read nor set aside', async (test) => {
    const { directory, file } = await fileOf(test);
    fs.writeFileSync(file, 'torn');
    for (const aside of ['', '.2', '.3', '.4', '.5', '.6', '.7', '.8', '.9'])
      fs.writeFileSync(`${file}.aside${aside}`, 'from before');
    const next = agent('');
    const sink = await next.openFile(directory);
    assert.match(
      next.condition.message,
      /fewer than 9 files set aside, got 9.*; the agent does not overwrite it\.$/,
    );
    await assert.rejects(sink.write(report), /the agent does not overwrite it/);
    assert.equal(fs.readFileSync(file, 'utf8'), 'torn');
    await sink.close().catch(() => {});
  });

  it('with a wrong entry continues without it, and the condition names the entry', async (test) => {
    const { directory, file } = await fileOf(test);
    const text = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(file, text.replace('"r":[[', '"r":[["p",1,7],['));
    const next = agent('');
    const sink = await next.openFile(directory);
    const { status, reason, message } = next.condition;
    assert.deepEqual([status, reason], ['False', 'EntriesDropped']);
    assert.match(
      message,
      /^Continues the history from \S+node-1\.history\.json, .*without 1 entry that it could not read \(shop\/\S+: r\[0\]: /,
    );
    assert.equal(largestOf(next), 100);
    await sink.close();
  });

  it('is not written while the time is unknown', async (test) => {
    const directory = tempDir(test);
    const next = new KeptHistory({ node: 'node-1', now: () => undefined });
    const sink = await next.openFile(directory);
    await sink.write(report);
    await sink.close();
    assert.deepEqual(fs.readdirSync(directory), []);
  });
});

describe('a history in the cluster that can be read only later', () => {
  const mapOf = async (kept: KeptHistory): Promise<unknown> =>
    historyMapOf('node-1', await kept.packed(report), now());
  const young = (): KeptHistory => {
    const kept = new KeptHistory({ node: 'node-1', now: () => (monday + 2 * day) * 1000 });
    play([{ ...cart, real: () => 30 }], { days: 0.1, from: 1.9 * day, stepSeconds: 300 }, kept.history);
    return kept;
  };

  it('is merged with the history of the file before it is written', async (test) => {
    const map = await mapOf(seen());
    const directory = tempDir(test);
    // A pod begins while the API is away, and its container is restarted.
    const first = young();
    const sink = await first.openFile(directory);
    await assert.rejects(first.openMap(() => Promise.reject(new ApiError(0, 'Unreachable', 'no answer'))));
    await sink.write(report);
    await sink.close();
    const next = new KeptHistory({ node: 'node-1', now: () => (monday + 2 * day) * 1000 });
    await next.openFile(directory);
    assert.ok(!next.isRestored);
    await next.openMap(async () => map);
    assert.ok(next.isRestored);
    assert.equal(largestOf(next), 100);
    assert.match(
      next.condition.message,
      /^Continues the history from \S+\.json, .* Continues the history from the ConfigMap/,
    );
    // A second merge changes nothing.
    const before = await next.packed(report);
    await next.openMap(async () => map);
    assert.equal(await next.packed(report), before);
  });

  it('is merged with the observations of the running agent', async () => {
    const next = young();
    await next.openMap(async () => mapOf(seen()));
    const [named] = closeWindows(next.history.kept());
    assert.equal(largestOf(next), 100);
    assert.deepEqual([...(named?.aggregate.days.keys() ?? [])].length, 2);
    assert.ok(Math.abs((named?.aggregate.hours.totalAt(monday + 2 * day) ?? 0) - 25) < 2);
  });

  it('is not written, and the condition says so, when the API refuses to read it', async () => {
    const next = young();
    const refused = new ApiError(403, 'Forbidden', 'configmaps "history-node-1" is forbidden');
    await assert.rejects(next.openMap(() => Promise.reject(refused)));
    assert.ok(!next.isRestored);
    const { status, reason, message } = next.condition;
    assert.deepEqual([status, reason], ['False', 'ClusterNotRead']);
    assert.match(message, /does not write the history in the cluster before it has read it: .*forbidden/);
  });

  it('is not overwritten when a newer agent wrote it', async () => {
    const text = gunzipSync(Buffer.from(await seen().packed(report), 'base64')).toString();
    const newer = gzipSync(text.replace('"version":1', '"version":2')).toString('base64');
    const next = young();
    await next.openMap(async () => historyMapOf('node-1', newer, now()));
    assert.ok(!next.isRestored);
    assert.match(next.condition.message, /expected version 1, .* got 2; the agent leaves it as it is\.$/);
  });

  it('is merged before the next write when another agent has changed it', async () => {
    const next = young();
    await next.openMap(async () => undefined);
    assert.ok(next.isRestored);
    await next.openMap(async () => mapOf(seen()));
    assert.equal(largestOf(next), 100);
  });
});

describe('the history in the cluster', () => {
  it('continues in the next agent on the node', async () => {
    const map = historyMapOf('node-1', await seen().packed(report), now());
    const next = new KeptHistory({ node: 'node-1', now });
    await next.openMap(async () => map);
    assert.equal(largestOf(next), 100);
    assert.equal(next.condition.reason, 'Continued');
    assert.ok(next.isRestored);
  });

  it('begins again when there is none or when it is invalid, and the condition says why', async () => {
    const none = new KeptHistory({ node: 'node-1', now });
    await none.openMap(async () => undefined);
    assert.ok(none.isRestored);
    assert.equal(none.condition.reason, 'Begun');
    for (const map of [
      {},
      { binaryData: { 'history.json.gz': 'bm90IGd6aXA=' } },
      historyMapOf('node-1', '', 0),
    ]) {
      const next = new KeptHistory({ node: 'node-1', now });
      await next.openMap(async () => map);
      assert.equal(next.condition.reason, 'SetAside', JSON.stringify(map));
      assert.ok(next.isRestored);
    }
  });

  it('is read again after the API gave no answer, and is not written before', async () => {
    const next = new KeptHistory({ node: 'node-1', now });
    await assert.rejects(
      next.openMap(() => Promise.reject(new ApiError(0, 'Unreachable', 'no answer'))),
      ApiError,
    );
    assert.ok(!next.isRestored);
  });

  it('of a node that is gone counts for the needs of its workloads, but not for running replicas', () => {
    const { aggregates, lifetimes } = seen().history.kept();
    const [later] = [monday + 3 * day];
    const history = { node: 'gone', at: monday + day, capacityBytes: 2 ** 30, aggregates, lifetimes };
    const found = suggestFrom([history], later);
    assert.deepEqual(found.stale, ['gone']);
    assert.equal(found.capacityBytes, undefined);
    assert.equal(found.items.length, 1);
    assert.equal(found.items[0]?.replicas, 0);
    assert.ok((found.items[0]?.recommendation.request.target ?? 0) >= 100 * MiB);
  });

  it('of a node whose clock is ahead is left out and named', () => {
    const { aggregates, lifetimes } = seen().history.kept();
    const at = monday + day;
    const ahead = { node: 'ahead', at: at + 30 * day, aggregates, lifetimes };
    const { items, nodes, faults } = suggestFrom([ahead], at);
    assert.deepEqual([items, nodes], [[], 0]);
    assert.deepEqual(faults, [
      'the history of ahead: expected a time before 2024-10-08T00:00:00Z, got 2024-11-07T00:00:00Z; correct the clock of that node, or of this machine',
    ]);
    const little = { ...ahead, at: at + 60 };
    assert.equal(suggestFrom([little], at).items.length, 1);
  });
});
