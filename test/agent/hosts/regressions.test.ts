/** Silent failures of a long-running agent, of a recording, or on an unusual host. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openNode } from '../../../src/agent/source.ts';
import { tick } from '../../../src/agent/tick.ts';
import type { NodeReport } from '../../../src/model/report.ts';
import { openRecording } from '../../../src/recording/recording.ts';
import { recordOnce } from '../../recording/record-once.ts';
import { lay, tempDir } from '../../temp.ts';

const id = 'a'.repeat(64);
const uid = '11111111-2222-3333-4444-555555555555';
const v2 = { 'sys/fs/cgroup/cgroup.controllers': 'memory\n' };
const figures = (cgroup: string, usage = 100) => ({
  [`sys/fs/cgroup${cgroup}/memory.current`]: `${usage}\n`,
  [`sys/fs/cgroup${cgroup}/memory.stat`]: 'active_anon 0\ninactive_anon 0\nactive_file 3\ninactive_file 4\n',
});

function root(test: TestContext, ...parts: readonly Readonly<Record<string, string>>[]): string {
  const directory = tempDir(test);
  for (const files of [v2, ...parts]) lay(directory, files);
  return directory;
}

async function reportOf(directory: string): Promise<NodeReport> {
  const node = openNode({ root: directory }, []);
  const { report } = await tick(node, 0, true);
  node.host.close();
  assert.ok(report);
  return report;
}

describe('a file that was missing', () => {
  it('is read once it exists', async (test) => {
    const directory = root(test, { 'sys/fs/cgroup/a.service/': '' });
    const node = openNode({ root: directory }, []);
    test.after(() => node.host.close());
    await tick(node, 0, true);
    lay(directory, figures('/a.service'));
    const { report } = await tick(node, 1, true);
    assert.equal(report?.others[0]?.realBytes, 93);
    const again = await tick(node, 2, true);
    assert.equal(again.report?.others[0]?.realBytes, 93);
  });

  it('keeps its descriptor open once it exists', async (test) => {
    const directory = root(test, figures('/a.service'));
    const node = openNode({ root: directory }, []);
    test.after(() => node.host.close());
    for (let pass = 0; pass < 5; pass++) await tick(node, pass, true);
    lay(directory, { 'sys/fs/cgroup/a.service/memory.peak': '500\n' });
    const peaks: (number | undefined)[] = [];
    for (let pass = 5; pass < 70; pass++)
      peaks.push((await tick(node, pass, true)).report?.others[0]?.peakBytes);
    assert.equal(peaks.at(-1), 500);
    assert.equal(
      peaks.indexOf(500),
      peaks.length - peaks.filter((peak) => peak === 500).length,
      'found once, kept',
    );
  });
});

describe('a hierarchy that disappears', () => {
  it('is reported, and read again when it returns', async (test) => {
    const directory = root(test, figures('/a.service'));
    const node = openNode({ root: directory }, []);
    test.after(() => node.host.close());
    await tick(node, 0, true);
    fs.rmSync(path.join(directory, 'sys/fs/cgroup'), { recursive: true });
    const gone = (await tick(node, 1, true)).report;
    assert.equal(gone?.conditions[0]?.status, 'False');
    assert.match(gone?.conditions[0]?.message ?? '', /the cgroup hierarchy was unmounted/);
    lay(directory, { ...v2, ...figures('/a.service') });
    await tick(node, 2, true);
    assert.equal((await tick(node, 3, true)).report?.others[0]?.realBytes, 93);
  });
});

describe('containers whose driver differs from that of the kubelet', () => {
  const slice = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid.replaceAll('-', '_')}.slice`;
  const elsewhere = `/system.slice/containerd.service/kubepods-burstable-pod${uid.replaceAll('-', '_')}.slice:cri-containerd:${id}`;

  it('count for their pod, whose own cgroup is empty', async (test) => {
    const { pods } = await reportOf(root(test, figures(slice, 7), figures(elsewhere)));
    assert.deepEqual(
      pods.map(({ uid: known, realBytes, usageBytes }) => [known, realBytes, usageBytes]),
      [[uid, 93, 107]],
    );
  });

  it('make a pod if it has no cgroup at all', async (test) => {
    const { pods } = await reportOf(root(test, figures(elsewhere)));
    assert.deepEqual(
      pods.map(({ uid: known, realBytes, cgroup }) => [known, realBytes, cgroup]),
      [[uid, 93, elsewhere]],
    );
  });
});

describe('a recording', () => {
  it('without a time is recorded again without a time, and replays', async (test) => {
    const from = openNode({ root: root(test, figures('/a.service')) }, []);
    const target = path.join(tempDir(test), 'copy');
    const made = await recordOnce(from, openRecording(target));
    from.host.close();
    assert.equal('at' in made.observed, false);
    assert.deepEqual(await reportOf(target), made);
  });

  it('reports a failed write as such, and not as a failed read', async (test) => {
    const from = openNode({ root: root(test, figures('/a.service')) }, []);
    test.after(() => from.host.close());
    const target = path.join(tempDir(test), 'copy');
    const recording = openRecording(target);
    // A file blocks a directory of the recording.
    fs.writeFileSync(path.join(target, 'sys'), '');
    await assert.rejects(() => recordOnce(from, recording), /expected to write the recording there/);
  });

  it('is read without following links or waiting for pipes', async (test) => {
    const directory = root(test, figures('/a.service'));
    const secret = path.join(tempDir(test), 'secret');
    fs.writeFileSync(secret, 'hunter2\n');
    const at = (file: string) => path.join(directory, 'sys/fs/cgroup/a.service', file);
    fs.rmSync(at('memory.current'));
    fs.symlinkSync(secret, at('memory.current'));
    const report = await reportOf(directory);
    assert.doesNotMatch(JSON.stringify(report), /hunter2/);
    assert.match(
      report.skipped.map(({ why }) => why).join(),
      /memory\.current: expected a readable file, got ELOOP/,
    );
  });

  it('does not show another host under its name', (test) => {
    const other = root(test, figures('/a.service'));
    const directory = tempDir(test);
    fs.mkdirSync(path.join(directory, 'sys/fs'), { recursive: true });
    fs.symlinkSync(path.join(other, 'sys/fs/cgroup'), path.join(directory, 'sys/fs/cgroup'));
    assert.throws(() => openNode({ root: directory }, []), /expected a directory below .*, got a link to/);
  });
});
