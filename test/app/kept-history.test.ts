import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { KeptHistory } from '../../src/app/kept-history.ts';
import { suggest } from '../../src/app/suggest.ts';
import { fold } from '../../src/history/history.ts';
import { decodeCheckpoint } from '../../src/history/read-checkpoint.ts';
import { KubeFault } from '../../src/model/kube-fault.ts';
import { historyMapOf } from '../../src/report/history-map.ts';
import { start } from '../cli/run.ts';
import { day, keyOf, MiB, monday, type PlayedContainer, play } from '../history/played.ts';
import { reportOf } from '../sinks/contract.ts';
import { tempDir } from '../temp.ts';

const cart: PlayedContainer = { pod: 'cart-1', real: () => 100 };
const now = (): number => (monday + day) * 1000;
const report = reportOf('node-1');

/** An agent of that node that has seen a day. */
function seen(node = 'node-1'): KeptHistory {
  const kept = new KeptHistory({ node, now });
  play([cart], { days: 1, stepSeconds: 300 }, kept.history);
  return kept;
}

const largestOf = ({ history }: KeptHistory): number =>
  Math.round(
    (fold(history.kept())
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

describe('what an agent kept in a file', () => {
  it('the next one goes on from, and says so', async (test) => {
    const { directory, file } = await fileOf(test);
    const next = new KeptHistory({ node: 'node-1', now });
    await next.openFile(directory);
    assert.equal(largestOf(next), 100);
    const { type, status, message } = next.condition;
    assert.deepEqual([type, status], ['HistoryKept', 'True']);
    assert.equal(message, `Goes on from ${file}, written 2024-10-08T00:00:00Z.`);
  });

  it('is set aside where it is torn, foreign or of another version: reported, and not lost', async (test) => {
    const whole = await fileOf(test);
    const text = fs.readFileSync(whole.file, 'utf8');
    const broken: readonly (readonly [string, RegExp])[] = [
      [text.slice(0, text.length / 2), /characters that are no JSON/],
      ['', /got nothing/],
      [text.replace('"version":1', '"version":7'), /expected version 1, .* got 7/],
      [
        text.replace('"node":"node-1"', '"node":"node-2"'),
        /expected the history of node-1, got that of node-2/,
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
      const [, aside = ''] = /it is kept as (\S+\.aside(?:\.\d)?), and the history begins anew/.exec(
        next.condition.message,
      ) as RegExpExecArray;
      assert.equal(fs.readFileSync(aside, 'utf8'), content);
      asides.add(aside);
      await sink.write(report);
      assert.ok(decodeCheckpoint('it', fs.readFileSync(whole.file, 'utf8')));
      await sink.close();
    }
    assert.equal(asides.size, broken.length, 'none is written over');
  });

  it('is none where nobody kept any', async (test) => {
    const first = new KeptHistory({ node: 'node-1', now });
    await first.openFile(tempDir(test));
    assert.equal(first.condition.reason, 'Begun');
  });

  it('outlives an agent that is killed without a word', async (test) => {
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
      const { demands, lives } = decodeCheckpoint(file, fs.readFileSync(file, 'utf8'));
      const [first] = fold({ demands, lives });
      return Math.round(Math.max(...[...(first?.demand.days.values() ?? [])].map(({ peak }) => peak)) / MiB);
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
    const first = start(flags);
    await written;
    first.kill('SIGKILL');
    await first.ended;
    assert.ok(Math.abs(largest() - 300) < 2);
    use(50);
    const second = start([...flags, '--log-level', 'info']);
    await second.says(/Goes on from/);
    second.kill('SIGTERM');
    const { stderr } = await second.ended;
    assert.ok(Math.abs(largest() - 300) < 2, `${largest()} ${stderr}`);
  });
});

describe('what an agent kept in the cluster', () => {
  it('the next one on the node goes on from', async () => {
    const map = historyMapOf('node-1', seen().packed(report), now());
    const next = new KeptHistory({ node: 'node-1', now });
    await next.openMap(async () => map);
    assert.equal(largestOf(next), 100);
    assert.equal(next.condition.reason, 'Continued');
    assert.ok(next.isTakenUp);
  });

  it('may be none, or no history: then it begins anew, and says why', async () => {
    const none = new KeptHistory({ node: 'node-1', now });
    await none.openMap(async () => undefined);
    assert.ok(none.isTakenUp);
    assert.equal(none.condition.reason, 'Begun');
    for (const map of [
      {},
      { binaryData: { 'history.json.gz': 'bm90IGd6aXA=' } },
      historyMapOf('node-1', '', 0),
    ]) {
      const next = new KeptHistory({ node: 'node-1', now });
      await next.openMap(async () => map);
      assert.equal(next.condition.reason, 'SetAside', JSON.stringify(map));
      assert.ok(next.isTakenUp);
    }
  });

  it('is asked for again where the API gives no answer: nothing takes its place before', async () => {
    const next = new KeptHistory({ node: 'node-1', now });
    await assert.rejects(
      next.openMap(() => Promise.reject(new KubeFault(0, 'Unreachable', 'no answer'))),
      KubeFault,
    );
    assert.ok(!next.isTakenUp);
  });

  it('of a node that is gone still tells what its workloads need, and not what runs', () => {
    const { demands, lives } = seen().history.kept();
    const [later] = [monday + 3 * day];
    const history = { node: 'gone', at: monday + day, capacityBytes: 2 ** 30, demands, lives };
    const found = suggest({ histories: [history], faults: [] }, later);
    assert.deepEqual(found.stale, ['gone']);
    assert.equal(found.capacityBytes, undefined);
    assert.equal(found.items.length, 1);
    assert.equal(found.items[0]?.replicas, 0);
    assert.ok((found.items[0]?.recommendation.request.target ?? 0) >= 100 * MiB);
  });

  it('of a node whose clock is ahead is left out, and said', () => {
    const { demands, lives } = seen().history.kept();
    const at = monday + day;
    const ahead = { node: 'ahead', at: at + 30 * day, demands, lives };
    const { items, nodes, faults } = suggest({ histories: [ahead], faults: ['torn'] }, at);
    assert.deepEqual([items, nodes], [[], 0]);
    assert.deepEqual(faults, [
      'torn',
      'the history of ahead: expected one from before 2024-10-08T00:00:00Z, got one of 2024-11-07T00:00:00Z; set the clock of that node, or the one here',
    ]);
    const little = { ...ahead, at: at + 60 };
    assert.equal(suggest({ histories: [little], faults: [] }, at).items.length, 1);
  });
});
