import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { it } from 'node:test';

const module = new URL('../../src/edges/process.ts', import.meta.url).href;

/** Receives the first signal and keeps running, like an agent that waits for its last writes. */
const script = `
const { processIo } = await import(${JSON.stringify(module)});
const alive = setInterval(() => {}, 1000);
const signal = processIo().untilSignal();
process.stdout.write('ready\\n');
process.stdout.write(await signal + '\\n');
`;

for (const [first, second, code] of [
  ['SIGINT', 'SIGTERM', 143],
  ['SIGTERM', 'SIGINT', 130],
  ['SIGTERM', 'SIGTERM', 143],
] as const)
  it(`exits with ${code} on ${second} after ${first}`, async (test) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    test.after(() => child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    const lines = child.stdout.iterator() as AsyncIterator<Buffer>;
    assert.equal(String((await lines.next()).value), 'ready\n');
    child.kill(first);
    assert.equal(String((await lines.next()).value), `${first}\n`);
    child.kill(second);
    // An earlier version ignored a second signal of another kind, or died of it without an exit code.
    const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
    assert.deepEqual(await ended, [code, null]);
    clearTimeout(late);
  });
