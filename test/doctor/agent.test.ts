/** Whether an agent runs on this machine, or could start: recorded tables of ports, and real lock files. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Config } from '../../src/agent/settings.ts';
import { historyFilesIn } from '../../src/checkpoint/kept-history.ts';
import { checkAgent } from '../../src/doctor/agent.ts';
import type { Check } from '../../src/doctor/check.ts';
import { claim } from '../../src/edges/lock.ts';
import { lay, tempDir } from '../temp.ts';
import { the } from './worlds.ts';

const off = { historyDir: 'off', probeAddress: 'off', reportAddress: 'off' } as const;

const checksOf = (root: string, settings: Partial<Config>): Promise<readonly Check[]> =>
  checkAgent(root, { ...off, ...settings } as Config, 'node-1');

/** A machine on which a process listens on port 9643 (25AB) of this address. Without a PID nobody may see it. */
function machine(test: TestContext, address: string, pid?: number, command?: string): string {
  const root = tempDir(test);
  const line = `   0: ${address}:25AB 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0  0 576 1\n`;
  lay(root, { 'proc/net/tcp': `heading\n${line}` });
  if (pid === undefined) return root;
  lay(root, { [`proc/${pid}/fd/`]: '', ...(command !== undefined && { [`proc/${pid}/cmdline`]: command }) });
  fs.symlinkSync('socket:[576]', path.join(root, `proc/${pid}/fd/3`));
  return root;
}

const loopback = '0100007F';
const probeAddress = { host: '127.0.0.1', port: 9643 };

describe('the check of a port', () => {
  for (const [what, pid, command, by] of [
    ['a process of another user', undefined, undefined, 'a process that this user may not see'],
    ['a process without a command line', 42, undefined, 'process 42'],
    ['a command with arguments', 42, 'nginx\0-g\0daemon off;\0', 'process 42 (nginx -g daemon off;)'],
    ['a command with a control character', 42, '\u001b[2J', 'process 42 (\\u001b[2J)'],
  ] as const)
    it(`warns that ${what} has it`, async (test) => {
      const checks = await checksOf(machine(test, loopback, pid, command), { probeAddress });
      assert.deepEqual(the('probe port', checks), {
        ...{ name: 'probe port', status: 'warn' },
        message: `127.0.0.1:9643 is taken by ${by}: an agent would not serve there`,
        todo: 'pass --probe-address HOST:PORT, or off',
      });
    });

  it('cuts a command line of 5,000 characters to 60', async (test) => {
    const checks = await checksOf(machine(test, loopback, 42, 'x'.repeat(5_000)), { probeAddress });
    assert.match(the('probe port', checks).message, /process 42 \(x{59}…\)/);
  });

  it('names the flag of the port that is taken', async (test) => {
    const checks = await checksOf(machine(test, loopback, 42), { reportAddress: probeAddress });
    assert.equal(the('report port', checks).todo, 'pass --report-address HOST:PORT, or off');
  });

  for (const [address, host, isFree] of [
    ['00000000', '127.0.0.1', false],
    // 10.0.0.1
    ['0100000A', '127.0.0.1', true],
    ['0100000A', undefined, false],
  ] as const)
    it(`is ${isFree ? 'ok' : 'a warning'} at ${host ?? 'all addresses'} with a listener at ${address}`, async (test) => {
      const wanted = { port: 9643, ...(host !== undefined && { host }) };
      const checks = await checksOf(machine(test, address, 42), { probeAddress: wanted });
      const { status, message } = the('probe port', checks);
      assert.equal(status, isFree ? 'ok' : 'warn');
      assert.ok(message.startsWith(`${host ?? ''}:9643 is ${isFree ? 'free' : 'taken'}`), message);
    });

  it('warns of another process than the agent, whose PID begins with the same digits', async (test) => {
    const historyDir = tempDir(test);
    const held = await claim(historyFilesIn(historyDir, 'node-1').lock, 'process 421 on vm, since today');
    test.after(() => held.kind === 'held' && held.lock.release());
    const checks = await checksOf(machine(test, loopback, 42), { historyDir, probeAddress });
    assert.match(the('agent', checks).message, /^one runs here: process 421 on vm, since today\./);
    assert.equal(the('probe port', checks).status, 'warn');
  });
});

describe('the check of the agent', () => {
  it('asks for no lock where the history is off', async () => {
    assert.deepEqual(await checksOf('/nonexistent', {}), [
      {
        ...{ name: 'agent', status: 'ok' },
        message: 'none runs here with this history. realmem agent starts one.',
      },
    ]);
  });

  it('does not take the agent of another node for its own', async (test) => {
    const historyDir = tempDir(test);
    const held = await claim(historyFilesIn(historyDir, 'node-2').lock, 'process 421 on vm, since today');
    test.after(() => held.kind === 'held' && held.lock.release());
    assert.match(the('agent', await checksOf('/nonexistent', { historyDir })).message, /^none runs here/);
  });
});
