/** `kubectl realmem probe` against pods of known need on real nodes: one has cgroup v1, the other v2. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { startProcess } from '../../cli/process.ts';
import { run } from '../../cli/run.ts';
import { blocksOf } from '../../docs/blocks.ts';
import { busyboxImage, hostNode, openBed } from '../bed/bed.ts';
import { namespace, releaseOn } from '../release/release.ts';

const MiB = 1024 ** 2;
const testNamespace = 'realmem-probe-test';
const policy = 'no-memory-probes';

const bed = await openBed();
const release = releaseOn(bed);
const flags = ['--kubeconfig', bed.kubeconfig];

const hotBytes = 32 * MiB;
const limitBytes = 200 * MiB;

/** 32 MiB of files that it reads all the time, and 64 MiB that it never reads again. */
const podOn = (node: string): string => `apiVersion: v1
kind: Pod
metadata: {name: hot-${node}, namespace: ${testNamespace}, labels: {app: hot}}
spec:
  nodeName: ${node}
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: ${busyboxImage}
    imagePullPolicy: Never
    command:
    - sh
    - -c
    - |
      dd if=/dev/zero of=/cold bs=1M count=64
      dd if=/dev/zero of=/hot bs=1M count=32
      sync
      while :; do cat /hot >/dev/null; sleep 0.3; done
    resources: {limits: {memory: 200Mi}}
`;

const targetOn = (node: string): string => `${testNamespace}/hot-${node}`;

/** YAML of a document that contains this. */
function documented(document: string, part: string): string {
  const block = blocksOf(document).find(({ language, text }) => language === 'yaml' && text.includes(part));
  assert.ok(block !== undefined, `${document}: expected YAML with ${part}, got none`);
  return block.text;
}

const bind = (user: string, role: string, inNamespace = namespace): string => `---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ${user}, namespace: ${inNamespace}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: ${role}}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: ${user}}
`;

/** One user may do what docs/probe.md lists, the other may only explain. */
const users = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: ${testNamespace}-view}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: prober}
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: reader}
---
${documented('docs/probe.md', 'name: realmem-probe')}---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: explainer, namespace: ${namespace}}
rules:
- {apiGroups: [''], resources: [pods/portforward], verbs: [get, create]}
${bind('reader', 'explainer')}${bind('prober', 'realmem-probe')}---
${documented('docs/probe.md', 'name: keep-probes').replaceAll('namespace: shop', `namespace: ${testNamespace}`)}${bind('prober', 'keep-probes', testNamespace)}`;

/** Names of Jobs and pods of probes. */
const leftovers = async (): Promise<string> =>
  (
    await bed.kubectl(
      ...['get', 'jobs,pods', '-n', namespace, '-l', 'app.kubernetes.io/name=realmem-probe', '-o', 'name'],
    )
  ).trim();

const jobRuns = (): Promise<unknown> =>
  bed.waitFor(
    'a running pod of the probe',
    async () =>
      (await bed.kubectl(
        ...['get', 'pods', '-n', namespace, '-l', 'app.kubernetes.io/name=realmem-probe'],
        ...['-o', 'jsonpath={.items[*].status.phase}'],
      )) === 'Running' || undefined,
    { timeoutMs: 240_000 },
  );

describe('kubectl realmem probe', { timeout: 1_800_000 }, () => {
  before(async () => {
    await bed.apply(`apiVersion: v1\nkind: Namespace\nmetadata: {name: ${testNamespace}}\n`);
    await release.install();
    await bed.apply(users);
    for (const node of bed.nodes) await bed.apply(podOn(node));
    for (const node of bed.nodes)
      await bed.waitFor(
        `a probe of the pod on ${node} to be possible: it is a minute old, and its agent knows it`,
        async () => (await run(['probe', targetOn(node), '--dry-run', ...flags])).code === 0 || undefined,
        { timeoutMs: 300_000 },
      );
  });

  after(async () => {
    await bed.kubectl(
      ...['delete', '--ignore-not-found', 'validatingadmissionpolicy,validatingadmissionpolicybinding'],
      policy,
    );
    await bed.kubectl('delete', 'clusterrolebinding', `${testNamespace}-view`, '--ignore-not-found');
    await bed.kubectl('delete', 'namespace', testNamespace, '--wait=false');
    await release.uninstall();
  });

  it('finds the page cache that a pod needs on each node, within 10 % or 4 MiB, and leaves nothing behind', async () => {
    await Promise.all(
      bed.nodes.map(async (node) => {
        // Kept, it would let the next test wait five minutes for the agent to write its history again.
        const options = ['--yes', '--no-keep', '--duration', '90s', '-o', 'json'];
        const command = ['probe', targetOn(node), ...options, ...flags];
        const { code, stdout, stderr } = await run(command, {}, { isPlugin: true });
        assert.equal(code, 0, stderr);
        const { name, needsBytes, neededCacheBytes } = JSON.parse(stdout);
        assert.equal(name, `${targetOn(node)}/main`);
        const { containers } = await release.report(node);
        const own = containers.find((one) => one.namespace === testNamespace && one.pod === `hot-${node}`);
        const need = (own?.realBytes ?? Number.NaN) + hotBytes;
        const most = Math.max(need / 10, 4 * MiB);
        assert.ok(Math.abs(needsBytes - need) <= most, `${node}: needs ${need}, found ${needsBytes}`);
        assert.ok(Math.abs(neededCacheBytes - hotBytes) <= most, `${node}: cache ${neededCacheBytes}`);
        assert.equal(own?.limitBytes, limitBytes);
        assert.equal(own?.oomKills ?? 0, 0);
      }),
    );
    assert.equal(await leftovers(), '');
  });

  it('leads from top to a suggestion that names it in three commands, on each node', async () => {
    await Promise.all(
      bed.nodes.map(async (node) => {
        const ran = async (...command: readonly string[]) => {
          const { code, stdout, stderr } = await run([...command, ...flags], {}, { isPlugin: true });
          assert.equal(code, 0, `${command.join(' ')}\n${stderr}`);
          return { stdout, stderr };
        };
        const pod = `hot-${node}`;
        const workload = ['-n', testNamespace, `pod/${pod}`, '--realmem-namespace', namespace];
        const top = await ran('top', 'pods', '-n', testNamespace);
        assert.match(top.stdout, new RegExp(`\\b${pod}\\b`));
        const probed = await ran('probe', targetOn(node), '--yes', '--duration', '90s');
        assert.match(
          probed.stderr,
          /\nKept\. The agent of \S+ (?:has it|takes it soon); then: kubectl realmem suggest/,
        );
        const said = await bed.waitFor(
          `a suggestion for ${pod} that names the probe`,
          async () => {
            const { stdout } = await ran('suggest', ...workload, '--why');
            return stdout.includes(`Probe of ${pod} on `) ? stdout : undefined;
          },
          { timeoutMs: 240_000 },
        );
        assert.match(said.replace(/\s+/g, ' '), /it needs \d+(?:\.\d+)?Mi of page cache/);
        const { stdout } = await ran('suggest', ...workload, '--min-confidence', 'low', '-o', 'json');
        const { items } = JSON.parse(stdout) as {
          readonly items: readonly {
            readonly target: { readonly limitBytes: number };
            readonly evidence: { readonly peaksBytes: readonly number[] };
            readonly probe: {
              readonly neededCacheBytes: number;
              readonly withoutProbe: { readonly limitBytes: number };
            };
          }[];
        };
        const [item] = items;
        assert.ok(item !== undefined && items.length === 1, stdout);
        const { target, evidence, probe } = item;
        const peak = evidence.peaksBytes[0] ?? Number.NaN;
        const off = Math.abs(probe.neededCacheBytes - hotBytes);
        assert.ok(off <= 4 * MiB, `${node}: ${probe.neededCacheBytes}`);
        const least = peak + Math.min(hotBytes, probe.neededCacheBytes);
        const most = 1.15 * (peak + Math.max(hotBytes, probe.neededCacheBytes)) + MiB;
        const { limitBytes: found } = target;
        assert.ok(found >= least && found <= most, `${node}: limit ${found}, ${least} to ${most}`);
        assert.ok(probe.withoutProbe.limitBytes > 0);
        const explained = await ran('explain', `${targetOn(node)}/main`);
        assert.match(explained.stdout, /^PAGE CACHE .* needed \+ .* cold \(probe of \S+ on \d{4}-/m);
        // The agent writes its own annotations meanwhile, and leaves this one.
        await bed.waitFor(
          `the annotations of ${pod}`,
          async () => {
            const text = await bed.kubectl(
              ...['get', 'pod', pod, '-n', testNamespace, '-o', 'jsonpath={.metadata.annotations}'],
            );
            const { 'realmem.dev/probe': kept, 'realmem.dev/memory': own } = JSON.parse(text);
            assert.match(kept ?? '', /^\{"main":\{"at":"/);
            return own;
          },
          { timeoutMs: 600_000 },
        );
      }),
    );
    assert.equal(await leftovers(), '');
  });

  it('is allowed to a user with the Roles of the documentation, and takes one replica of a name', async () => {
    const [node = ''] = bed.nodes;
    const command = ['probe', '-n', testNamespace, `hot-${node}`, '-c', 'main', '--as', 'prober'];
    const { code, stderr } = await run([...command, '--yes', '--duration', '10s', ...flags]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^apiVersion: batch\/v1\nkind: Job\n/);
    assert.match(stderr, /\nKept\. /);
    assert.equal(await leftovers(), '');
  });

  it('tells a user without rights which ones it needs, and creates nothing', async () => {
    const [node = ''] = bed.nodes;
    const { code, stderr } = await run(['probe', targetOn(node), '--yes', '--as', 'reader', ...flags]);
    assert.equal(code, 3);
    assert.equal(
      stderr,
      `error: namespace ${namespace}: expected the right to run a Job that probes, got no right to create jobs.batch, delete jobs.batch; ask for a Role in ${namespace} with create, get, delete on jobs.batch; get, list on pods; get on pods/log (docs/probe.md)\n`,
    );
    assert.equal(await leftovers(), '');
  });

  it('leaves neither Job nor pod after Ctrl-C', async () => {
    for (const node of bed.nodes) {
      const probe = startProcess(['probe', targetOn(node), '--yes', '--duration', '10m', ...flags]);
      await jobRuns();
      probe.kill('SIGINT');
      const { code, stdout, stderr } = await probe.ended;
      assert.deepEqual([code, stdout], [1, ''], stderr);
      assert.match(stderr, /Interrupted: deleting the Job/);
      assert.equal(await leftovers(), '');
    }
  });

  it('leaves neither Job nor pod after SIGKILL, when its time is over', async () => {
    const [node = ''] = bed.nodes;
    const probe = startProcess(['probe', targetOn(node), '--yes', '--duration', '20s', ...flags]);
    await jobRuns();
    probe.kill('SIGKILL');
    assert.equal((await probe.ended).code, null);
    assert.match(await leftovers(), /^job\.batch\/realmem-probe-[0-9a-f]{12}\npod\/realmem-probe-\S+$/);
    const second = await run(['probe', targetOn(node), '--yes', ...flags]);
    assert.match(
      second.stderr,
      /expected no other probe of this container, got another probe, running or just ended/,
    );
    await bed.waitFor('the end of the Job', async () => (await leftovers()) === '' || undefined, {
      timeoutMs: 300_000,
    });
  });

  it('leaves the limit as it was when its process is killed with SIGKILL (cgroup v1)', async () => {
    const id = await containerOn(hostNode);
    const directory = fs
      .readdirSync('/sys/fs/cgroup/memory/kubepods', { recursive: true, encoding: 'utf8' })
      .find((path) => path.endsWith(`/${id}`));
    assert.ok(directory !== undefined);
    const read = (file: string): string =>
      fs.readFileSync(`/sys/fs/cgroup/memory/kubepods/${directory}/${file}`, 'utf8');
    const before = [read('memory.limit_in_bytes'), read('memory.oom_control')];
    const usage = (): number => Number(read('memory.usage_in_bytes'));
    const first = usage();
    const probe = startProcess(['probe', targetOn(hostNode), '--yes', '--duration', '60s', ...flags]);
    await jobRuns();
    await bed.waitFor('the first step', async () => usage() < first - 4 * MiB || undefined);
    assert.ok(killProbe(id));
    const { code, stderr } = await probe.ended;
    assert.equal(code, 3, stderr);
    assert.match(stderr, /expected the result of the probe, got Error/);
    assert.deepEqual([read('memory.limit_in_bytes'), read('memory.oom_control')], before);
    assert.equal(await leftovers(), '');
  });

  it('is forbidden by the policy of docs/security.md, which leaves the agents alone', async () => {
    await bed.apply(documented('docs/security.md', `name: ${policy}`));
    const [node = ''] = bed.nodes;
    const job = await run(['probe', targetOn(node), '--dry-run', ...flags]);
    const isForbidden = (text: string): boolean => /probes of memory are forbidden/.test(text);
    // The API server enforces a new policy some seconds later.
    await bed.waitFor('the policy to be enforced', () =>
      bed.apply(job.stdout, '--dry-run=server').then(
        () => false,
        (error) => isForbidden(String(error)),
      ),
    );
    const { code, stderr } = await run(['probe', targetOn(node), '--yes', '--duration', '10s', ...flags]);
    assert.equal(code, 3);
    assert.ok(isForbidden(stderr), stderr);
    assert.equal(await leftovers(), '');
    await bed.kubectl('rollout', 'restart', 'daemonset/realmem', '-n', namespace);
    await bed.kubectl('rollout', 'status', 'daemonset/realmem', '-n', namespace, '--timeout=180s');
  });
});

/** The ID of its container. */
async function containerOn(node: string): Promise<string> {
  const text = await bed.kubectl(
    ...['get', 'pod', `hot-${node}`, '-n', testNamespace],
    ...['-o', 'jsonpath={.status.containerStatuses[0].containerID}'],
  );
  return text.replace(/^.*\//, '');
}

/** Kills the process that probes this container. Its parent is the first process of the pod. */
function killProbe(id: string): boolean {
  for (const pid of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const command = commandOf(pid);
    if (!command.includes(id) || !command.includes('--root') || command.includes('__')) continue;
    process.kill(Number(pid), 'SIGKILL');
    return true;
  }
  return false;
}

function commandOf(pid: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
