/** Endless answers must not exhaust the agent's heap. A child process with the agent's heap size calls endless servers. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { it } from 'node:test';
import { flood, hostile } from './hostile-server.ts';

const KiB64 = 2 ** 16;
/** Bytes of each answer, then it hangs: more than the heap of 24 MB. */
const longest = 26 * 2 ** 20;
const dense = (text: string): string => text.repeat(KiB64 / text.length);

/** By path: the beginning of the body, and the text repeated without end. */
const bodies: Readonly<Record<string, readonly [string, string]>> = {
  '/spaces': ['', dense(' ')],
  '/deep': ['', dense('[')],
  '/objects': ['[', dense('{},')],
  '/strings': ['["', dense('x')],
  '/keys': ['{"', dense('k')],
  '/items': ['{"items":[', dense('{},')],
  '/numbers': ['{"items":[', dense('1,')],
  '/item': ['{"items":[{"a":"', dense('x')],
  '/dense-item': ['{"items":[[', dense('{},')],
  '/deep-item': ['{"items":[', dense('[{"items":'.slice(0, 8))],
  '/newlines': ['', dense('\n')],
  '/lines': ['', dense('{}\n')],
  '/escapes': ['"', dense('\\u003c\\\\')],
};

it('13 endless answers leave a process with a heap of 24 MB alive', async (test) => {
  const { port } = await hostile(test, (socket, request) => {
    const [, path = ''] = /^[A-Z]+ (\S+)/.exec(request) ?? [];
    const [first = '', more = ' '] = bodies[path] ?? [];
    socket.write(`HTTP/1.1 200 OK\r\n\r\n${first}`);
    flood(socket, more, longest);
  });
  const reader = new URL('hostile-reader.ts', import.meta.url).pathname;
  const memory = ['--max-semi-space-size=1', '--max-old-space-size=24'];
  const paths = Object.keys(bodies);
  const child = spawn(process.execPath, [...memory, reader, `http://127.0.0.1:${port}`, ...paths], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (data: Buffer) => {
    said += data.toString();
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 0);
  const ends = JSON.parse(said) as readonly string[];
  assert.equal(ends.length, 4 * paths.length);
  assert.deepEqual([...new Set(ends)].toSorted(), ['ApiError', 'done']);
});
