/** A node without a host: the observations of passes over containers that use memory as in traces of microservices. */
import { bytes } from '../../../src/model/bytes.ts';
import type { CgroupSample } from '../../../src/model/cgroup.ts';
import type { CgroupRole } from '../../../src/model/cgroup-role.ts';
import type { Observation } from '../../../src/model/observation.ts';
import type { Pod, PodContainer } from '../../../src/model/pod.ts';
import { Memory } from '../../scale/simulation/memory.ts';
import { Random } from '../../scale/simulation/random.ts';
import { day, monday } from './played.ts';

export const containersPerPod = 2;

interface Cgroup {
  readonly id: CgroupSample['id'];
  readonly role: CgroupRole;
  /** Absent for a pod and a sandbox. */
  readonly memory?: Memory;
}

const whole = (size: number) => bytes(4096 * Math.round(size / 4096));

export class SimulatedNode {
  readonly pods: Pod[] = [];
  private readonly cgroups: Cgroup[] = [];
  private readonly workloads: number;
  private added = 0;
  private readonly random = new Random(1);

  /** @param workloads pods share the workloads evenly */
  constructor(pods: number, workloads = pods) {
    this.workloads = workloads;
    while (this.pods.length < pods) this.add();
  }

  /** Replaces the oldest pods by new ones of the same workloads. */
  replace(pods: number): void {
    this.pods.splice(0, pods);
    this.cgroups.splice(0, pods * (2 + containersPerPod));
    for (let one = 0; one < pods; one++) this.add();
  }

  /** Every cgroup, pods before their containers. @param at seconds since 1970 */
  observe(at: number): readonly Observation[] {
    return this.cgroups.map((cgroup) => observed(cgroup, at));
  }

  private add(): void {
    const index = this.added++;
    const workload = index % this.workloads;
    const uid = [8, 4, 4, 4, 12].map((length) => this.hex(length)).join('-');
    const memories = Array.from(
      { length: containersPerPod },
      () => new Memory(this.random, monday * 1000, (monday - day) * 1000),
    );
    const containers = memories.map(
      ({ requestBytes, limitBytes }, container): PodContainer => ({
        ...{ name: `container-${container}`, type: 'container', ids: [this.hex(64)], running: true },
        ...(requestBytes !== undefined && { request: bytes(requestBytes) }),
        ...(limitBytes !== undefined && { limit: bytes(limitBytes) }),
      }),
    );
    this.pods.push({
      ...{ uid, namespace: `team-${workload % 20}`, name: `app-${workload}-${this.hex(10)}-${index}` },
      ...{ labels: {}, workload: `Deployment/app-${workload}`, containers },
    });
    const path = `/kubepods/burstable/pod${uid}`;
    this.cgroups.push({ id: this.idAt(path), role: { kind: 'pod', podUID: uid, qos: 'Burstable' } });
    const ids = [this.hex(64), ...containers.flatMap(({ ids }) => ids)];
    for (const [number, id] of ids.entries()) {
      const memory = memories[number - 1];
      const cgroup: Cgroup = {
        id: this.idAt(`${path}/${id}`),
        role: { kind: 'container', podUID: uid, id },
      };
      this.cgroups.push(memory === undefined ? cgroup : { ...cgroup, memory });
    }
  }

  private idAt(path: string): CgroupSample['id'] {
    return { path, inode: 100_000 + Math.floor(this.random.next() * 2 ** 30) };
  }

  private hex(length: number): string {
    return Array.from({ length }, () => Math.floor(16 * this.random.next()).toString(16)).join('');
  }
}

function observed({ id, role, memory }: Cgroup, at: number): Observation {
  const real = memory?.realAt(at * 1000) ?? 200 * 1024;
  const shmem = memory === undefined ? bytes(0) : whole(real / 50);
  const [activeFile, inactiveFile] = [whole(real * 0.3), whole(real * 0.5)];
  const refaultFile = Math.floor((at - monday) / 600);
  const limit = memory?.limitBytes === undefined ? 'none' : bytes(memory.limitBytes);
  // Some containers wait for memory now and then.
  const psiFullAvg60 = (real / 4096) % 7 === 0 ? 0.42 : 0;
  return {
    role,
    sample: {
      ...{ id, version: 2, usage: bytes(real + activeFile + inactiveFile), faults: [] },
      stat: { anon: bytes(real - shmem), shmem, activeFile, inactiveFile, refaultFile },
      details: {
        ...{ limit, oomKills: 0, oomKillsLocal: 0, limitOoms: 0, limitOomsLocal: 0 },
        psiFullAvg60,
      },
    },
  };
}
