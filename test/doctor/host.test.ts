/** The checks of a host against recorded hosts, a made machine, and real sockets and files. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { historyFilesIn } from '../../src/checkpoint/kept-history.ts';
import { encodeCheckpoint } from '../../src/checkpoint/write.ts';
import { checkHost, checkMachine } from '../../src/doctor/host.ts';
import { renderChecks } from '../../src/doctor/render.ts';
import { claim } from '../../src/edges/lock.ts';
import { History } from '../../src/usage/history.ts';
import { matchesGolden } from '../golden.ts';
import { lay, tempDir } from '../temp.ts';
import { at, rootOf, the, worldOf } from './worlds.ts';

const hostOf = (host: string) => checkHost(worldOf({ source: { root: rootOf(host) } }));

/** Port 9643 and 9644, held by process 42. */
const takenPorts = ['25AB', '25AC'].map(
  (port) => `   0: 0100007F:${port} 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0  0 576 1\n`,
);
const lines = (text: readonly string[]): string => `heading\n${text.join('')}`;

/** Text of a history written at this time, in milliseconds since 1970. */
const historyAt = (written: number, node = 'node-1'): string =>
  encodeCheckpoint({ node, at: written / 1000, ...new History().kept() });

describe('checkHost', () => {
  it('prints a recorded host with pods and a machine without faults in 80 columns', async () => {
    const checks = [...(await hostOf('kubernetes-v2-systemd')), ...(await checkMachine(worldOf({})))];
    assert.deepEqual(
      checks.filter(({ status }) => status !== 'ok'),
      [],
    );
    matchesGolden(
      new URL('goldens/healthy-host.txt', import.meta.url),
      renderChecks(checks, { columns: 80, colour: false }),
    );
  });

  it('prints a recorded host with services without memory files, and a machine with faults', async (test) => {
    const ports = tempDir(test);
    lay(ports, { 'proc/net/tcp': lines(takenPorts), 'proc/42/fd/': '', 'proc/42/cmdline': 'nginx' });
    fs.symlinkSync('socket:[576]', path.join(ports, 'proc/42/fd/3'));
    const world = worldOf({ portsRoot: ports, nodeVersion: '20.11.1', now: Date.UTC(2025, 0, 1) });
    const checks = [...(await hostOf('coroot-v2')), ...(await checkMachine(world))];
    matchesGolden(
      new URL('goldens/broken-host.txt', import.meta.url),
      renderChecks(checks, { columns: 80, colour: false }),
    );
  });

  it('checks only the files of the kernel in a recording', async () => {
    const names = (await hostOf('docker-v1')).map(({ name }) => name);
    assert.deepEqual(names, ['cgroups', 'memory files', 'pod names', 'swap', 'huge pages', 'processes']);
  });

  it('fails for a directory that is not a host', async (test) => {
    const checks = await checkHost(worldOf({ source: { root: tempDir(test) } }));
    assert.match(the('cgroups', checks).message, /expected sys\/fs\/cgroup with the memory controller/);
    assert.equal(the('cgroups', checks).status, 'fail');
  });

  it('fails without a memory controller, and says where the kernel disables it', async (test) => {
    const root = tempDir(test);
    lay(root, {
      'proc/meminfo': 'MemTotal: 1000 kB\nMemFree: 500 kB\n',
      'proc/cgroups': '#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t0\t1\t1\nmemory\t0\t1\t0\n',
    });
    const check = the('cgroups', await checkHost(worldOf({ source: { root } })));
    assert.equal(check.status, 'fail');
    assert.match(check.message, /\/proc\/cgroups says that it is disabled/);
    assert.match(check.todo ?? '', /cgroup_disable=memory/);
  });

  it('warns of pods without names when nobody passes the pods', async (test) => {
    const root = path.join(tempDir(test), 'root');
    fs.cpSync(rootOf('kubernetes-v2-systemd'), root, { recursive: true });
    fs.rmSync(path.join(root, 'pods.json'));
    const check = the('pod names', await checkHost(worldOf({ source: { root } })));
    assert.deepEqual([check.status, check.todo?.includes('--pods pods.json')], ['warn', true]);
  });

  it('says that reserved huge pages count as real', async () => {
    assert.match(the('huge pages', await hostOf('huge-pages')).message, /reserved.*count as real/);
  });
});

describe('checkMachine', () => {
  it('names the settings that are wrong, one check each', async () => {
    const faults = ['REALMEM_PERIOD: a', 'REALMEM_NODE: b'];
    const checks = await checkMachine(worldOf({ config: { faults } }));
    assert.deepEqual(
      checks.filter(({ name }) => name === 'settings').map(({ status, message }) => [status, message]),
      [
        ['fail', 'REALMEM_PERIOD: a'],
        ['fail', 'REALMEM_NODE: b'],
      ],
    );
  });

  it('names the kubeconfig that it found', async () => {
    const checks = await checkMachine(worldOf({ kubeconfigs: ['/home/jane/.kube/config'] }));
    assert.match(the('kubeconfig', checks).message, /^\/home\/jane\/\.kube\/config: /);
  });

  it('names an agent that holds the history, and takes a port of that process for its own', async (test) => {
    const historyDir = tempDir(test);
    const ports = tempDir(test);
    lay(ports, { 'proc/net/tcp': lines(takenPorts.slice(0, 1)), 'proc/42/fd/': '' });
    fs.symlinkSync('socket:[576]', path.join(ports, 'proc/42/fd/3'));
    const { lock } = historyFilesIn(historyDir, 'node-1');
    const held = await claim(lock, 'process 42 on vm, since 2026-11-30T10:00:00Z');
    test.after(() => held.kind === 'held' && held.lock.release());
    const checks = await checkMachine(worldOf({ portsRoot: ports }, { historyDir }));
    assert.match(the('agent', checks).message, /^one runs here: process 42 on vm/);
    assert.deepEqual(the('probe port', checks), {
      name: 'probe port',
      status: 'ok',
      message: 'the agent serves at 127.0.0.1:9643',
    });
    assert.equal(the('report port', checks).message, '127.0.0.1:9644 is free');
  });

  it('warns of a directory whose name is too long for the lock', async () => {
    const checks = await checkMachine(worldOf({}, { historyDir: `/nonexistent/${'a'.repeat(100)}` }));
    assert.equal(the('history lock', checks).status, 'warn');
  });

  it('leaves out the ports of listeners that are off', async () => {
    const checks = await checkMachine(worldOf({}, { probeAddress: 'off', reportAddress: 'off' }));
    assert.deepEqual(
      checks.filter(({ name }) => name.endsWith('port')),
      [],
    );
  });

  for (const [what, files, status, message] of [
    ['no history yet', {}, 'ok', /^none yet/],
    ['a history of ten minutes ago', { '': historyAt(at - 600_000) }, 'ok', /written 10 min ago$/],
    ['a history that is not JSON', { '': 'x' }, 'fail', /not JSON.*verdicts are Learning again/],
    ['a history of another node', { '': historyAt(at, 'node-2') }, 'fail', /the history of node-2/],
    [
      'a history from next week',
      { '': historyAt(at + 7 * 86_400_000) },
      'fail',
      /later than the clock shows/,
    ],
    ['a file set aside', { '': historyAt(at), '.aside': 'x' }, 'warn', /set aside .*\.aside$/],
    ['only files set aside', { '.aside': 'x', '.aside.2': 'x' }, 'warn', /older ones that could not be read/],
  ] as const)
    it(`says ${status} for ${what}`, async (test) => {
      const historyDir = tempDir(test);
      const { file } = historyFilesIn(historyDir, 'node-1');
      for (const [suffix, text] of Object.entries(files)) fs.writeFileSync(`${file}${suffix}`, text);
      const check = the('history', await checkMachine(worldOf({}, { historyDir })));
      assert.equal(check.status, status, check.message);
      assert.match(check.message, message);
    });
});
