/**
 * OOM kills on a node with cgroup v2, by an agent whose passes are a minute apart. Each killed container is gone a moment
 * later, so what the agent knows of it comes from the kernel's memory event.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { busyboxImage, guestNode, openBed } from '../bed/bed.ts';
import { namespace, releaseOn } from '../release/release.ts';

const MiB = 1024 ** 2;
const testNamespace = 'realmem-kills-test';
const periodMs = 60_000;
const limit = 24 * MiB;
/** Each is killed, runs again at once, and is killed again. */
const names = ['one', 'two', 'three', 'four', 'five'];
const kills = 2 * names.length;
const patience = { timeoutMs: 300_000 };

const bed = await openBed();
const release = releaseOn(bed);

const crasher = `apiVersion: v1
kind: Pod
metadata: {name: crasher, namespace: ${testNamespace}}
spec:
  nodeName: ${guestNode}
  terminationGracePeriodSeconds: 0
  containers:
${names
  .map(
    (name, index) =>
      `  - {name: ${name}, image: ${busyboxImage}, imagePullPolicy: Never, command: [sh, -c, 'sleep ${2 + index}; exec tail /dev/zero'], resources: {limits: {memory: 24Mi}}}`,
  )
  .join('\n')}
`;

interface KillLine {
  readonly time: string;
  readonly msg: string;
  readonly cgroup: string;
  readonly namespace?: string;
  readonly pod?: string;
  readonly oomKills: number;
  readonly peakRealBytes: number;
  readonly peakUsageBytes: number;
  readonly limitBytes: number;
}

const isJson = (line: string): boolean => line.startsWith('{');

async function logged(uid: string): Promise<readonly KillLine[]> {
  const text = await bed.kubectl('logs', await release.podOf(guestNode), '-n', namespace);
  const lines = text
    .split('\n')
    .filter(isJson)
    .map((line) => JSON.parse(line) as KillLine);
  return lines.filter(({ msg, cgroup }) => msg === 'OOM kill' && cgroup.includes(uid));
}

/** When the kernel killed each container, by its cgroup. Milliseconds since 1970, by the guest's clock. */
async function killedByKernel(uid: string): Promise<ReadonlyMap<string, number>> {
  const mark = `realmem-mark-${process.pid}-${performance.now()}`;
  const text = await bed.inGuest(
    `touch /tmp/mark; echo ${mark} >/dev/kmsg; stat -c %y /tmp/mark; dmesg | grep -E '${mark}|${uid}'`,
  );
  const [shown = '', ...lines] = text.split('\n');
  const secondsIn = (line: string): number => Number(/^\[ *(\d+\.\d+)\]/.exec(line)?.[1]);
  const marked = lines.find((line) => line.includes(mark)) ?? '';
  const [day, time] = shown.split(' ');
  const booted = Date.parse(`${day}T${time?.slice(0, 12)}Z`) - 1000 * secondsIn(marked);
  return new Map(
    lines.flatMap((line) => {
      const cgroup = /Tasks in (\S+) are going to be killed due to memory.oom.group set/.exec(line)?.[1];
      return cgroup === undefined ? [] : [[cgroup, booted + 1000 * secondsIn(line)] as const];
    }),
  );
}

before(async () => {
  await bed.apply(`apiVersion: v1\nkind: Namespace\nmetadata: {name: ${testNamespace}}\n`);
  await release.install({ 'config.period': '60s', 'config.reportPeriod': '60s' });
});

after(async () => {
  await bed.kubectl('delete', 'namespace', testNamespace, '--ignore-not-found');
  await release.uninstall();
});

describe('containers that are killed and removed between two passes', { timeout: 900_000 }, () => {
  let uid = '';

  it('are in the log of the agent at once, with the usage at their limit', async (test) => {
    await bed.waitFor('the first report', () => release.report(guestNode), patience);
    await bed.apply(crasher);
    uid = await bed.kubectl(
      ...['get', 'pod', 'crasher', '-n', testNamespace, '-o', 'jsonpath={.metadata.uid}'],
    );
    const killed = await bed.waitFor(
      `${kills} OOM kills`,
      async () => {
        const all = await killedByKernel(uid);
        return all.size >= kills && all;
      },
      patience,
    );
    // The runtime can remove a cgroup before the agent reads it: on an emulated node both are slow.
    const some = kills / 2;
    const seen = await bed.waitFor(
      `the agent to log ${some} of them`,
      async () => {
        const lines = (await logged(uid)).filter(({ cgroup }) => killed.has(cgroup));
        return lines.length >= some && lines;
      },
      { timeoutMs: periodMs },
    );
    const delays = seen
      .map(({ cgroup, time }) => Math.round(Date.parse(time) - (killed.get(cgroup) ?? Number.NaN)))
      .sort((a, b) => a - b);
    test.diagnostic(
      `${seen.length} of ${killed.size} kills; from the kernel's event to the log: median ${delays[delays.length >> 1]} ms, at most ${delays.at(-1)} ms`,
    );
    for (const line of seen) {
      assert.deepEqual([line.namespace, line.pod, line.oomKills], [testNamespace, 'crasher', 1]);
      assert.equal(line.limitBytes, limit);
      assert.ok(line.peakUsageBytes > 0.98 * limit && line.peakUsageBytes <= limit, `${line.peakUsageBytes}`);
    }
    // Without the event nothing would have read these containers in their few seconds.
    const atLimit = seen.filter(({ peakRealBytes }) => peakRealBytes > 0.9 * limit);
    assert.ok(atLimit.length > 0, JSON.stringify(seen));
  });

  it('are in the next report with all their kills', async () => {
    const report = await bed.waitFor(
      'a report with the kills',
      async () => {
        const { pods } = await release.report(guestNode);
        const pod = pods.find((one) => one.uid === uid);
        return pod !== undefined && (pod.oomKills ?? 0) >= kills && pod;
      },
      { timeoutMs: 2 * periodMs },
    );
    assert.equal(report.name, 'crasher');
  });
});
