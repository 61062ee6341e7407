/** Measures the time and the peak RSS of `realmem suggest` on the histories of a large cluster. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { manyHistories } from './many-histories.ts';

const nodes = Number(process.argv[2] ?? 5_000);
const cli = process.argv[3] ?? new URL('../../src/cli.ts', import.meta.url).pathname;
const api = await manyHistories(nodes, 14, Date.now() / 1000 - 600);
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-scale-'));
const kubeconfig = path.join(directory, 'config');
fs.writeFileSync(
  kubeconfig,
  `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "${api.url}", insecure-skip-tls-verify: true}}]
users: [{name: u, user: {token: t}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
`,
);
const begin = performance.now();
let peakKiB = 0;
let cpuSeconds = 0;
const child = spawn(process.execPath, [cli, 'suggest', '--kubeconfig', kubeconfig, '--no-headers'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const poll = setInterval(() => {
  try {
    const status = fs.readFileSync(`/proc/${child.pid}/status`, 'utf8');
    const stat = fs.readFileSync(`/proc/${child.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // utime and stime, in ticks of 10 ms.
    cpuSeconds = (Number(fields[11]) + Number(fields[12])) / 100;
    peakKiB = Math.max(peakKiB, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0));
  } catch {
    // The process has ended.
  }
}, 50);
let lines = 0;
child.stdout.on('data', (data: Buffer) => {
  lines += data.toString().split('\n').length - 1;
});
const [code] = (await once(child, 'close')) as [number];
clearInterval(poll);
api.close();
fs.rmSync(directory, { recursive: true });
const seconds = ((performance.now() - begin) / 1000).toFixed(1);
process.stdout.write(
  `${nodes} histories, ${api.pages.count} pages of up to ${api.pages.largest}: ${lines} lines in ${seconds} s (${cpuSeconds.toFixed(1)} s of CPU), peak RSS ${Math.round(peakKiB / 1024)} MiB, exit code ${code}\n`,
);
process.exitCode = code;
