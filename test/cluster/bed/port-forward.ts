/** Forwards a local port to a pod's port. The pod may listen on its loopback address only. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { binary } from './binaries.ts';

export interface Forward {
  /** The local port on 127.0.0.1. */
  readonly port: number;
  close(): Promise<void>;
}

const startedWithinMs = 60_000;

export async function portForward(
  kubeconfig: string,
  namespace: string,
  pod: string,
  port: number,
): Promise<Forward> {
  const args = [
    '--kubeconfig',
    kubeconfig,
    '--namespace',
    namespace,
    'port-forward',
    `pod/${pod}`,
    `:${port}`,
  ];
  const child = spawn(binary('kubectl'), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  // kubectl writes a line per connection, and would block if nobody read them.
  const lines = createInterface({ input: child.stdout });
  const listening = new Promise<number>((resolve) => {
    lines.on('line', (line) => {
      const [, local] = /^Forwarding from 127\.0\.0\.1:(\d+) /.exec(line) ?? [];
      if (local !== undefined) resolve(Number(local));
    });
  });
  const late = setTimeout(() => child.kill('SIGKILL'), startedWithinMs);
  const local = await Promise.race([listening, ended.then(() => undefined)]);
  clearTimeout(late);
  if (local === undefined) throw new Error(`kubectl port-forward ${pod}: ${complaint.trim()}`);
  return {
    port: local,
    async close() {
      // After a SIGTERM, kubectl may wait for a connection that a frozen node never closes.
      child.kill('SIGKILL');
      await ended;
    },
  };
}
