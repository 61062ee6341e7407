/** The second node: a virtual machine with cgroup v2. QEMU emulates it, so it needs no KVM. */
import fs from 'node:fs';
import http from 'node:http';
import { isNodeReady } from '../bed/api.ts';
import type { CgroupDriver } from '../bed/node-config.ts';
import { routeTo } from '../machine/network.ts';
import { installPackages } from '../machine/packages.ts';
import { dirs, guestAddress, guestNode } from '../machine/paths.ts';
import { isRunning, start, untilReady } from '../machine/processes.ts';
import type { Progress } from '../machine/progress.ts';
import { busybox } from './busybox.ts';
import { makeImageDisk } from './images.ts';
import { makeInitrd } from './initrd.ts';
import { fetchKernel } from './kernel.ts';
import { emulated } from './qemu.ts';
import { makeRoot } from './root.ts';
import type { System } from './system.ts';
import { systemd } from './systemd.ts';

const name = 'guest';
const controlPort = 12080;
/** Allows for a slow emulated machine, and ends the wait for a frozen one. */
const answerWithinMs = 120_000;

export const isGuestRunning = (): boolean => isRunning(name);

const packages = ['e2fsprogs', 'lz4', 'qemu-system-x86'];

const systems: Readonly<Record<CgroupDriver, System>> = { cgroupfs: busybox, systemd };

/** Starts the guest, which joins the running cluster. Its containerd already has the images of these archives. */
export async function startGuest(
  driver: CgroupDriver,
  archives: readonly string[],
  progress: Progress,
): Promise<void> {
  if (process.arch !== 'x64') throw new Error(`the guest needs x86-64, got ${process.arch}; use --host-only`);
  await installPackages(packages, progress);
  const kernel = await fetchKernel(progress);
  const disk = await makeRoot(systems[driver], kernel, progress);
  const images = await progress.part('images of the guest', () => makeImageDisk(archives, progress.signal));
  await progress.part(`node ${guestNode}`, async () => {
    const initrd = await makeInitrd(kernel);
    await routeTo(guestAddress);
    await start(name, 'env', [
      `TMPDIR=${dirs.run}`,
      'qemu-system-x86_64',
      ...machine(kernel.file, initrd, [disk, images]),
    ]);
    await untilReady(name, () => isNodeReady(guestNode), { timeoutMs: 180_000, signal: progress.signal });
  });
}

/** Runs a shell script as root in the guest. */
export const inGuest = (script: string): Promise<string> => post('shell', script);

export const importIntoGuest = async (archive: string): Promise<void> => {
  await post('import', fs.readFileSync(archive));
};

/** Reads the cgroup driver of the running guest from its kubelet's configuration. */
export async function guestDriver(): Promise<CgroupDriver> {
  const config: { readonly cgroupDriver: CgroupDriver } = JSON.parse(
    await inGuest('cat /etc/node/kubelet.json'),
  );
  return config.cgroupDriver;
}

function machine(kernel: string, initrd: string, disks: readonly string[]): readonly string[] {
  const forwards = [`127.0.0.1:${controlPort}-:2080`, `${guestAddress}:10250-:10250`];
  const parameters = [`NODE=${guestNode} ADDRESS=${guestAddress}`];
  return [
    ...emulated({ kernel, initrd, memoryMiB: 768, parameters }),
    // `snapshot=on` sends the guest's writes to a deleted file in TMPDIR, so each start begins with the same disks.
    ...disks.flatMap((file) => [
      '-drive',
      `file=${file},if=virtio,format=raw,snapshot=on,cache=unsafe,discard=unmap`,
    ]),
    ...['-netdev', `user,id=net${forwards.map((forward) => `,hostfwd=tcp:${forward}`).join('')}`],
    ...['-device', 'virtio-net-pci,netdev=net,romfile=', '-device', 'virtio-rng-pci'],
  ];
}

function post(program: string, body: string | Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: controlPort, path: `/cgi-bin/${program}`, method: 'POST' };
    const request = http.request({ ...options, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        const end = text.trimEnd().lastIndexOf('\n');
        const [output, code] = [text.slice(0, end), text.slice(end + 1).trim()];
        if (code === '0') resolve(output);
        else reject(new Error(`in the guest: exit code ${code}: ${output.trim()}`));
      });
    });
    request.on('error', reject);
    const slow = new Error(`the guest did not answer within ${answerWithinMs / 1000} s`);
    request.setTimeout(answerWithinMs, () => request.destroy(slow));
    request.end(body);
  });
}
