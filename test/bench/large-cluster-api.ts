/** A real API server with etcd and nothing else, on loopback, for a cluster that has only objects. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { openAccess } from '../../src/kube/access.ts';
import { type Kube, openKube } from '../../src/kube/client.ts';
import { binary } from '../cluster/bed/binaries.ts';
import { makeServiceAccountKeys } from '../cluster/bed/certificates.ts';
import { etcdFlags } from '../cluster/bed/control-plane.ts';
import { Hopeless, until } from '../cluster/machine/until.ts';

export interface LargeClusterApi {
  readonly kubeconfig: string;
  readonly kube: Kube;
  close(): Promise<void>;
}

const token = 'administrator-of-this-run';

/** Starts both. They end with `close`, and with this process. */
export async function startApi(): Promise<LargeClusterApi> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-api-'));
  const file = (name: string): string => path.join(dir, name);
  const programs: ChildProcess[] = [];
  const run = (program: string, args: readonly string[]): void => {
    const log = fs.openSync(file(`${program}.log`), 'a');
    programs.push(spawn(binary(program), args, { stdio: ['ignore', log, log] }));
    fs.closeSync(log);
  };
  const kill = (): void => {
    for (const program of programs) program.kill('SIGKILL');
  };
  process.once('exit', kill);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

  const [clients, peers, port] = [await findFreePort(), await findFreePort(), await findFreePort()];
  const [clientsUrl, peersUrl] = [`http://127.0.0.1:${clients}`, `http://127.0.0.1:${peers}`];
  run('etcd', etcdFlags(file('etcd'), clientsUrl, peersUrl));
  makeServiceAccountKeys(file('accounts'));
  fs.writeFileSync(file('tokens.csv'), `${token},administrator,1,system:masters\n`, { mode: 0o600 });
  const certificate = file('certificates/apiserver.crt');
  run('kube-apiserver', [
    `--etcd-servers=${clientsUrl}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    // It makes its own certificate here.
    `--cert-dir=${path.dirname(certificate)}`,
    `--token-auth-file=${file('tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${file('accounts.pub')}`,
    `--service-account-signing-key-file=${file('accounts.key')}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    // Nothing reaches it through the service, and a loopback address is not allowed there.
    '--advertise-address=192.0.2.1',
    '--endpoint-reconciler-type=none',
  ]);
  const kubeconfig = file('kubeconfig');
  fs.writeFileSync(
    kubeconfig,
    JSON.stringify({
      'current-context': 'large',
      clusters: [
        {
          name: 'large',
          cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority': certificate },
        },
      ],
      users: [{ name: 'administrator', user: { token } }],
      contexts: [{ name: 'large', context: { cluster: 'large', user: 'administrator' } }],
    }),
    { mode: 0o600 },
  );
  const untilTrue = (what: string, check: () => boolean | Promise<boolean>): Promise<true> =>
    until(
      what,
      () => {
        const ended = programs.find(({ exitCode }) => exitCode !== null);
        if (ended !== undefined) throw new Hopeless(`${ended.spawnfile} ended; its log is in ${dir}`);
        return check();
      },
      { timeoutMs: 120_000 },
    );
  await untilTrue('the certificate of the API server', () => fs.existsSync(certificate));
  const kube = openKube((await openAccess({ file: kubeconfig, env: {} })).credentials);
  await untilTrue(
    'the API server to be ready',
    async () => (await kube.call({ path: '/api/v1/namespaces/default' })) !== undefined,
  );
  return {
    kubeconfig,
    kube,
    async close() {
      kube.close();
      kill();
      await Promise.all(
        programs.map((program) => (program.exitCode ?? program.signalCode) === null && once(program, 'exit')),
      );
      process.off('exit', kill);
      fs.rmSync(dir, { recursive: true });
    },
  };
}

/** A port that was free a moment ago. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
