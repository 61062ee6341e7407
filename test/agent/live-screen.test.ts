/** `npm start` on a terminal: the live view of a running agent. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { LiveScreen } from '../../src/agent/live-screen.ts';
import { openNode } from '../../src/agent/source.ts';
import { openLog } from '../../src/edges/log.ts';
import type { Io } from '../../src/edges/process.ts';
import { start } from '../cli/run.ts';
import type { Running } from '../cli/running.ts';
import { FakeTerminal } from '../live/fake-terminal.ts';
import { reportOf } from '../publish/contract.ts';

const root = new URL('../../fixtures/hosts/kubernetes-v2-systemd/root', import.meta.url).pathname;
const quiet = ['--root', root, '--report-dir', 'off', '--history-dir', 'off', '--probe-address', 'off'];
const silent = [...quiet, '--report-address', 'off'];

function startOn(terminal: FakeTerminal, ...flags: readonly string[]): Running {
  return start(['agent', '--period', '100ms', ...flags], { LANG: 'C.UTF-8' }, terminal.io);
}

describe('an agent on a terminal', () => {
  it('shows the live view with the address of its report, explains a row, and ends with q', async () => {
    const terminal = new FakeTerminal(100, 30);
    const agent = startOn(terminal, ...quiet, '--report-address', '127.0.0.1:0');
    await terminal.screen.shows(/^http:\/\/127\.0\.0\.1:\d+\/[\s\S]*containerd \(service\)/m);
    terminal.press('return');
    await terminal.screen.shows(/^REAL 76\.2Mi[\s\S]*^REAL in the last|appears after/m);
    assert.match(terminal.screen.text, /^CGROUP \/system\.slice\/containerd\.service/m);
    terminal.press('q');
    assert.equal((await agent.ended).code, 0);
  });

  it('ends with the first signal', async () => {
    const terminal = new FakeTerminal(100, 30);
    const agent = startOn(terminal, ...silent);
    await terminal.screen.shows(/containerd/);
    agent.kill('SIGTERM');
    assert.equal((await agent.ended).code, 0);
  });

  it('shows what fails, and prints its log when the view ends', async () => {
    const terminal = new FakeTerminal(100, 30);
    const agent = startOn(terminal, ...silent, '--report-dir', '/proc/nowhere', '--log-level', 'info');
    await terminal.screen.shows(/\/proc\/nowhere.*--report-dir|--report-dir.*\/proc\/nowhere/s);
    terminal.press('q');
    const { code, stderr } = await agent.ended;
    assert.equal(code, 0);
    assert.match(stderr, /"level":"error".*nowhere[\s\S]*"because":"quit"/);
    assert.doesNotMatch(terminal.screen.written, /"level"/);
  });

  it('prints a table without keys where standard input is no terminal', async () => {
    const terminal = new FakeTerminal(100, 30);
    const { output } = terminal.io;
    const agent = start(['agent', '--period', '100ms', ...silent], {}, { output });
    await terminal.screen.shows(/Ctrl-C ends/);
    agent.kill('SIGINT');
    assert.equal((await agent.ended).code, 0);
  });
});

describe('an agent without a terminal', () => {
  it('loads no file of the live view: it would grow on every node', () => {
    const src = new URL('../../src/', import.meta.url);
    const loaded = new Set<string>();
    const load = (file: string): void => {
      if (loaded.has(file)) return;
      loaded.add(file);
      const text = fs.readFileSync(new URL(file, src), 'utf8');
      // Types are erased, and dynamic imports have no `from`.
      for (const [, to = ''] of text.matchAll(/^(?:import|export)(?! type)[^;]*? from '(\.[^']+)'/gm))
        load(path.posix.join(path.posix.dirname(file), to));
    };
    load('agent/agent.ts');
    assert.ok(loaded.has('agent/outputs.ts'));
    assert.deepEqual(
      [...loaded].filter((file) => /^(live|inspect)\/|live-screen|host-source/.test(file)),
      [],
    );
  });
});

describe('the log beside the live view', () => {
  it('is printed at once before and after, and kept while the view is open', async () => {
    const printed: string[] = [];
    const terminal = new FakeTerminal(100, 30);
    const live = new LiveScreen({ about: () => '', troubles: () => [] });
    const print = (line: string): void => void printed.push(JSON.parse(line).msg);
    const log = openLog('debug', (line) => live.log(line, print));
    const io = { ...terminal.io, env: {}, log: print } as Partial<Io> as Io;
    const node = openNode({ root }, []);
    const until = Promise.withResolvers<void>();
    log.info('before');
    const ended = live.run(node, root, io, until.promise);
    await live.sink.write(reportOf('node-1'));
    log.debug('a detail');
    log.warn('a pass failed: "why" \u001b[2J');
    await terminal.screen.shows(/^a pass failed: "why" \\u001b\[2J/m);
    assert.deepEqual(printed, ['before']);
    until.resolve();
    await ended;
    log.info('after');
    assert.deepEqual(printed.slice(0, 2), ['before', 'a detail']);
    assert.equal(printed.at(-1), 'after');
    node.host.close();
  });
});
