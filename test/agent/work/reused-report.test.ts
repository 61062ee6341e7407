/**
 * A node that takes from earlier reports what did not change reports the same as one that reads, computes and makes everything anew.
 * Both see the same random changes of cgroups, pods and clock, from seeds.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openNode } from '../../../src/agent/source.ts';
import { type Node, tick } from '../../../src/agent/tick.ts';
import { randomFrom } from '../../../src/backtest/compare.ts';
import { Names } from '../../../src/identify/names.ts';
import type { NameSource } from '../../../src/identify/names-source.ts';
import { type Bytes, bytes } from '../../../src/model/bytes.ts';
import type { Pod, PodContainer } from '../../../src/model/pod.ts';
import type { NodeReport } from '../../../src/model/report.ts';
import { KeptDetails } from '../../../src/sample/reuse/kept-details.ts';
import { tempDir } from '../../temp.ts';

const hosts = new URL('../../../fixtures/hosts/', import.meta.url);
const start = Date.UTC(2026, 10, 23);
const periodMs = 5_000;
const passesPerReport = 3;
/** A change that only one file shows appears after at most five minutes. */
const longestMs = 300_000;
const pageBytes = 4096;
const MiB = 2 ** 20;

/** The recorded container whose files every cgroup here begins with, and how they differ between the versions. */
const versions = {
  1: {
    recorded:
      'kubernetes-v1/root/sys/fs/cgroup/memory/kubepods/besteffort/pode6570a05-fbca-42ed-80b0-96da5490de24/533416b7ff58bc0d173919b8e263ee41f1ae39aa073e0ea3a1e4e7a700d99511',
    mountPoint: 'sys/fs/cgroup/memory',
    usage: 'memory.usage_in_bytes',
    limit: 'memory.limit_in_bytes',
    peak: 'memory.max_usage_in_bytes',
    events: 'memory.oom_control',
    statPrefix: 'total_',
  },
  2: {
    recorded:
      'kubernetes-v2-systemd/root/sys/fs/cgroup/kubepods.slice/kubepods-pod2179bb81_f272_4aa1_bbf6_e560c86d66b5.slice/cri-containerd-940ef45be466210c82f186499c48ccd66937ae406927e77f6824f7df46cb2b1f.scope',
    mountPoint: 'sys/fs/cgroup',
    usage: 'memory.current',
    limit: 'memory.max',
    peak: 'memory.peak',
    events: 'memory.events',
    statPrefix: '',
  },
} as const;

/** A host of plain files, and the pods that an API server would name. Every choice comes from the seed. */
class Changing {
  pods: readonly Pod[] = [];
  at = start;
  private cgroups: string[] = [];
  private made = 0;
  private readonly root: string;
  private readonly files: (typeof versions)[1 | 2];
  private readonly template: ReadonlyMap<string, string>;
  private readonly random: () => number;

  constructor(root: string, version: 1 | 2, seed: number) {
    this.root = root;
    this.files = versions[version];
    this.random = randomFrom(seed);
    const recorded = fileURLToPath(new URL(this.files.recorded, hosts));
    this.template = new Map(
      fs.readdirSync(recorded).map((file) => [file, fs.readFileSync(path.join(recorded, file), 'utf8')]),
    );
    fs.mkdirSync(path.join(root, 'proc'));
    fs.copyFileSync(new URL('kubernetes-v1/root/proc/meminfo', hosts), path.join(root, 'proc/meminfo'));
    for (const cgroup of ['kubepods', 'kubepods/burstable', 'system.slice', 'system.slice/a.service'])
      this.make(cgroup);
    if (version === 2) fs.writeFileSync(this.fileOf('', 'cgroup.controllers'), 'memory\n');
    for (let index = 0; index < 3; index++) this.addPod();
  }

  /** Changes that the next report has to show. */
  change(): void {
    this.oneOf([
      () => this.grow(),
      () => this.grow(),
      () => this.moveParts(),
      () => this.kill(),
      () => this.make(this.oneOf(this.containers())),
      () => this.remove(this.oneOf(this.containers())),
      () => this.addPod(),
      () => this.changePod(),
      () => this.resize(),
      () => this.restart(),
      () => this.showSandbox(),
      () => this.setClock(),
    ])();
  }

  /** Changes that a report may show later, because no other file changes with them. */
  changeUnseen(): void {
    const { limit, peak, events } = this.files;
    const cgroup = this.oneOf(this.cgroups);
    const amount = `${pageBytes * this.below(20_000)}\n`;
    this.oneOf([
      () => this.write(cgroup, limit, amount),
      () => this.write(cgroup, 'memory.high', amount),
      () => this.write(cgroup, peak, amount),
      () => this.write(cgroup, 'memory.failcnt', `${this.below(9)}\n`),
      () => this.write(cgroup, 'memory.swap.current', amount),
      () => this.write(cgroup, 'memory.kmem.usage_in_bytes', amount),
      () => this.edit(cgroup, events, 'oom_kill', (kills) => kills + 1),
      () => this.edit(cgroup, 'memory.events.local', 'oom_kill', (kills) => kills + 1),
      () => this.write(cgroup, 'memory.pressure', `some avg10=0.00 avg60=${this.below(30)}.00 total=0\n`),
    ])();
  }

  /** A peak that is over before the next report. @returns ends it */
  burst(): () => void {
    const container = this.oneOf(this.containers());
    const files = [this.files.usage, 'memory.stat'].map((file) => this.fileOf(container, file));
    const before = files.map((file) => fs.readFileSync(file));
    this.add(container, 100 * MiB);
    return () => {
      for (const [index, file] of files.entries()) fs.writeFileSync(file, before[index] as Buffer);
    };
  }

  below(count: number): number {
    return Math.floor(this.random() * count);
  }

  private oneOf<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)] as Value;
  }

  private fileOf(cgroup: string, file: string): string {
    return path.join(this.root, this.files.mountPoint, cgroup, file);
  }

  /** Only what the recorded kernel has. */
  private write(cgroup: string, file: string, text: string): void {
    if (this.template.has(file)) fs.writeFileSync(this.fileOf(cgroup, file), text);
  }

  private edit(cgroup: string, file: string, key: string, next: (value: number) => number): void {
    if (!this.template.has(file)) return;
    const text = fs.readFileSync(this.fileOf(cgroup, file), 'utf8');
    const line = new RegExp(`^${key} (\\d+)$`, 'm');
    this.write(
      cgroup,
      file,
      text.replace(line, (_, value: string) => `${key} ${next(Number(value))}`),
    );
  }

  private editStat(cgroup: string, key: string, next: (value: number) => number): void {
    this.edit(cgroup, 'memory.stat', `${this.files.statPrefix}${key}`, next);
  }

  private containers(): readonly string[] {
    return this.cgroups.filter((cgroup) => cgroup.split('/').length === 4);
  }

  /** Makes a cgroup, or another one in the place of one that is there: its directory is another file. */
  private make(cgroup: string): void {
    const directory = this.fileOf(cgroup, '');
    const next = path.join(this.root, `next-${this.made++}`);
    fs.mkdirSync(next);
    for (const [file, text] of this.template) fs.writeFileSync(path.join(next, file), text);
    if (fs.existsSync(directory)) fs.renameSync(directory, path.join(this.root, `gone-${this.made++}`));
    fs.mkdirSync(path.dirname(directory), { recursive: true });
    fs.renameSync(next, directory);
    if (!this.cgroups.includes(cgroup)) this.cgroups.push(cgroup);
  }

  private remove(cgroup: string): void {
    if (this.containers().length < 6) return;
    fs.renameSync(this.fileOf(cgroup, ''), path.join(this.root, `gone-${this.made++}`));
    this.cgroups = this.cgroups.filter((one) => one !== cgroup);
  }

  /** Kata's overhead cgroup shows which container is a sandbox. It comes and goes without a change of the container's own cgroup. */
  private showSandbox(): void {
    const overhead = `kata_overhead/${path.basename(this.oneOf(this.containers()))}`;
    if (this.cgroups.includes(overhead)) this.remove(overhead);
    else this.make(overhead);
  }

  private id(): string {
    return `${this.made++}`.padStart(64, 'f');
  }

  private addPod(): void {
    if (this.cgroups.length > 30) return;
    const uid = `11111111-2222-3333-4444-${String(this.made++).padStart(12, '0')}`;
    const cgroup = `kubepods/burstable/pod${uid}`;
    const [sandbox, ...ids] = [this.id(), this.id(), this.id()];
    this.make(cgroup);
    for (const id of [sandbox, ...ids]) this.make(`${cgroup}/${id}`);
    const containers = ids.map(
      (id, index): PodContainer => ({
        ...{ name: `container-${index}`, type: 'container', ids: [id], running: true },
        ...(index > 0 && { request: this.amount() }),
      }),
    );
    const name = `web-${this.made}`;
    const workload = `Deployment/web-${this.below(2)}`;
    this.pods = [...this.pods, { uid, namespace: 'shop', name, workload, labels: {}, containers }];
  }

  private amount(): Bytes {
    return bytes(MiB * (1 + this.below(50)));
  }

  private grow(): void {
    this.add(this.oneOf(this.cgroups), pageBytes * (this.below(2_000) - 500));
  }

  private add(cgroup: string, more: number): void {
    const usage = Number(fs.readFileSync(this.fileOf(cgroup, this.files.usage), 'utf8'));
    this.write(cgroup, this.files.usage, `${Math.max(0, usage + more)}\n`);
    this.editStat(cgroup, 'inactive_anon', (anon) => Math.max(0, anon + more));
  }

  private moveParts(): void {
    const key = this.oneOf(['active_file', 'inactive_file', 'shmem', 'pgfault']);
    this.editStat(this.oneOf(this.cgroups), key, () => pageBytes * this.below(50));
  }

  /** The kernel counts page faults up to the kill. */
  private kill(): void {
    const cgroup = this.oneOf(this.cgroups);
    this.edit(cgroup, this.files.events, 'oom_kill', (kills) => kills + 1);
    this.editStat(cgroup, 'pgfault', (faults) => faults + 1);
  }

  private changePod(): void {
    const pod = this.oneOf(this.pods);
    const change = this.oneOf<Partial<Pod>>([
      { name: `web-${this.made++}` },
      { labels: { version: `${this.made++}` } },
      { workload: `Deployment/web-${this.made++}` },
      { request: this.amount() },
      { limit: this.amount() },
    ]);
    this.pods = this.pods.map((one) => (one === pod ? { ...pod, ...change } : one));
  }

  private changeContainer(change: (container: PodContainer, cgroup: string) => PodContainer): void {
    const pod = this.oneOf(this.pods);
    const container = this.oneOf(pod.containers);
    const changed = change(container, `kubepods/burstable/pod${pod.uid}`);
    const containers = pod.containers.map((one) => (one === container ? changed : one));
    this.pods = this.pods.map((one) => (one === pod ? { ...pod, containers } : one));
  }

  /** The kubelet sets the limit of the cgroup, then reports it. */
  private resize(): void {
    this.changeContainer((container, cgroup) => {
      const limit = this.amount();
      const path = `${cgroup}/${container.ids[0]}`;
      if (this.cgroups.includes(path)) this.write(path, this.files.limit, `${limit}\n`);
      return { ...container, limit, type: this.oneOf(['container', 'sidecar']) };
    });
  }

  private restart(): void {
    this.changeContainer((container, cgroup) => {
      const id = this.id();
      const [last = id] = container.ids;
      if (this.cgroups.includes(`${cgroup}/${last}`)) this.remove(`${cgroup}/${last}`);
      this.make(`${cgroup}/${id}`);
      const oomKilled = [{ id: last, at: new Date(this.at).toISOString() }];
      return { ...container, ids: [id, last], ...(this.below(2) === 0 && { oomKilled }) };
    });
  }

  private setClock(): void {
    this.at += this.oneOf([-3_600_000, -60_000, -10_000, 60_000, 3_600_000]);
  }
}

interface Reports {
  /** Of the node that takes from its last report what did not change. */
  readonly reused: NodeReport;
  readonly anew: NodeReport;
}

/** Two nodes on the same host. @returns runs the next pass of both; its result is undefined if the pass does not report */
function twoNodesOn(test: TestContext, root: string, host: Changing): () => Promise<Reports | undefined> {
  const machine = { pageBytes, cpus: 2 };
  let { pods } = host;
  const opened = [0, 1].map(() => {
    const source = {
      names: new Names(pods),
      state: () => ({ source: 'the API server', faults: [] }),
      close: () => {},
    } satisfies NameSource;
    const node = openNode({ root, node: 'node', periodSeconds: periodMs / 1000 }, [], source);
    test.after(() => node.host.close());
    // Any root but `/` counts as a recording. This one passes for a live host.
    return { source, node: { ...node, host: { ...node.host, machine, recording: undefined } } };
  });
  const [reusing, other] = opened.map(({ node }) => node) as [Node, Node];
  const { usages: _, rows: __, reuse, ...fresh } = other;
  let passes = 0;
  return async () => {
    if (host.pods !== pods)
      for (const { source } of opened) source.names = new Names(host.pods, source.names.sandboxes);
    pods = host.pods;
    const isDue = passes++ % passesPerReport === 0;
    // Both estimate alike between two reports, or their peaks would differ.
    const forgetful = reuse && { reuse: { ...reuse, kept: new KeptDetails() } };
    const { report: reused } = await tick(reusing, host.at, isDue);
    const { report: anew } = await tick({ ...fresh, ...forgetful }, host.at, isDue);
    host.at += periodMs;
    return reused === undefined || anew === undefined ? undefined : { reused, anew };
  };
}

/** Without what depends on limits and events as earlier reports knew them. */
function figuresOf({ pods, containers, others }: NodeReport) {
  return {
    pods: pods.map(({ killed: _, ...pod }) => pod),
    containers: containers.map(({ verdict: _, suggest: __, ...container }) => container),
    others,
  };
}

for (const version of [1, 2] as const)
  describe(`a node that reuses what did not change, on cgroup v${version}`, () => {
    it('reports each change of cgroups, pods and clock as a fresh one does', async (test) => {
      const root = tempDir(test);
      const host = new Changing(root, version, 1);
      const pass = twoNodesOn(test, root, host);
      let [rows, same] = [0, 0];
      let last = new Set<unknown>();
      for (let step = 0; step < 90; step++) {
        if (host.below(3) === 0) for (let count = host.below(4); count > 0; count--) host.change();
        const isBetween = step % passesPerReport !== 0;
        const end = isBetween && host.below(8) === 0 ? host.burst() : undefined;
        const reports = await pass();
        end?.();
        if (reports === undefined) continue;
        const { reused, anew } = reports;
        assert.deepEqual(reused, anew, `in pass ${step}`);
        rows += reused.containers.length;
        same += reused.containers.filter((row) => last.has(row)).length;
        last = new Set(reused.containers);
      }
      // Else the test would compare nothing.
      assert.ok(same > rows / 4, `${same} of ${rows} rows are those of the last report`);
    });

    it('reports what no other file shows as a fresh one does after five minutes', async (test) => {
      const root = tempDir(test);
      const host = new Changing(root, version, 1);
      const pass = twoNodesOn(test, root, host);
      for (let step = 0; step < 30; step++) {
        host.changeUnseen();
        await pass();
      }
      const until = host.at + longestMs;
      while (host.at < until) {
        await pass();
        host.at += periodMs;
      }
      let reports: Reports | undefined;
      while (reports === undefined) reports = await pass();
      assert.deepEqual(figuresOf(reports.reused), figuresOf(reports.anew));
    });
  });
