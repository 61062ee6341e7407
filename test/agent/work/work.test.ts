/**
 * The agent's work per tick stays in its budget: calls to the file system and bytes, never time, which depends on the machine. If a change
 * lowers the work, UPDATE_GOLDENS=1 lowers the budget.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Pod } from '../../../src/model/pod.ts';
import { matchesGolden } from '../../golden.ts';
import { tempDir } from '../../temp.ts';
import { renderBudget, tolerance } from './budget.ts';
import type { Measured } from './measure.ts';

const hosts = new URL('../../../fixtures/hosts/', import.meta.url);
const pods = 10;
const perPod = 2;

/** The recorded container whose files every cgroup here has. */
const versions = {
  1: {
    recorded:
      'kubernetes-v1/root/sys/fs/cgroup/memory/kubepods/besteffort/pode6570a05-fbca-42ed-80b0-96da5490de24/533416b7ff58bc0d173919b8e263ee41f1ae39aa073e0ea3a1e4e7a700d99511',
    mountPoint: 'sys/fs/cgroup/memory',
    golden: 'v1.txt',
  },
  2: {
    recorded:
      'kubernetes-v2-systemd/root/sys/fs/cgroup/kubepods.slice/kubepods-pod2179bb81_f272_4aa1_bbf6_e560c86d66b5.slice/cri-containerd-940ef45be466210c82f186499c48ccd66937ae406927e77f6824f7df46cb2b1f.scope',
    mountPoint: 'sys/fs/cgroup',
    golden: 'v2.txt',
  },
} as const;

/** Without the optimizing compilers and without a collection of garbage, a program allocates the same in each run. */
const flags = ['--no-opt', '--no-maglev', '--min-semi-space-size=256', '--max-semi-space-size=256'];

/** Writes the host, and `pods.json` for it. */
function layHost(root: string, version: 1 | 2): void {
  const { recorded, mountPoint } = versions[version];
  const files = fileURLToPath(new URL(recorded, hosts));
  const makeCgroup = (cgroup: string): void => {
    const directory = path.join(root, mountPoint, cgroup);
    fs.mkdirSync(directory, { recursive: true });
    for (const file of fs.readdirSync(files))
      fs.copyFileSync(path.join(files, file), path.join(directory, file));
  };
  // On v1 the files of the root cgroup differ from those of others. Only a report reads them, once.
  for (const cgroup of version === 1 ? [] : ['']) makeCgroup(cgroup);
  for (const cgroup of ['kubepods', 'kubepods/burstable']) makeCgroup(cgroup);
  const known: Pod[] = [];
  for (let index = 0; index < pods; index++) {
    const uid = `11111111-2222-3333-4444-${String(index).padStart(12, '0')}`;
    const [sandbox, ...ids] = Array.from({ length: 1 + perPod }, (_, at) =>
      `${index}0${at}`.padStart(64, 'f'),
    );
    const pod = `kubepods/burstable/pod${uid}`;
    for (const cgroup of [pod, `${pod}/${sandbox}`, ...ids.map((id) => `${pod}/${id}`)]) makeCgroup(cgroup);
    const containers = ids.map(
      (id, at) => ({ name: `container-${at}`, type: 'container', ids: [id], running: true }) as const,
    );
    known.push({
      uid,
      namespace: 'shop',
      name: `web-${index}`,
      workload: `Deployment/web-${index}`,
      labels: {},
      containers,
    });
  }
  fs.writeFileSync(path.join(root, 'pods.json'), JSON.stringify(known));
  fs.mkdirSync(path.join(root, 'proc'));
  fs.copyFileSync(new URL('kubernetes-v1/root/proc/meminfo', hosts), path.join(root, 'proc/meminfo'));
}

const headingOf = (version: 1 | 2): string =>
  `The budget of a tick on cgroup v${version}, with ${pods} pods of ${perPod} containers and a sandbox each: calls of node:fs,
and bytes. Averages of 5 minutes, sampled every 5 s and reported every 15 s. They are exact. The least that a tick allocates may differ by ${tolerance * 100} %.`;

describe('the work of a tick', () => {
  for (const version of [1, 2] as const)
    it(`stays in its budget on cgroup v${version}`, (test) => {
      const root = tempDir(test);
      layHost(root, version);
      const script = fileURLToPath(new URL('measure.ts', import.meta.url));
      const args = [...flags, script, root, String(version), path.join(root, 'pods.json')];
      const measured: Measured = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
      const golden = new URL(`goldens/${versions[version].golden}`, import.meta.url);
      const old = fs.existsSync(golden) ? fs.readFileSync(golden, 'utf8') : '';
      matchesGolden(golden, renderBudget(measured, headingOf(version), old));
    });
});
