/** The answers of probes on this machine, in a file beside the history. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { keepProbe, probesFileBeside, probesFileIn, probesIn } from '../../src/checkpoint/probes-file.ts';
import { messageOf } from '../../src/model/located-error.ts';
import type { ProbedCache } from '../../src/model/pod.ts';
import { tempDir } from '../temp.ts';
import { day, MiB, monday } from '../usage/made/played.ts';

const answer: ProbedCache = {
  ...{ at: monday - day, neededCacheBytes: 32 * MiB, coldCacheBytes: 64 * MiB },
  ...{ errorBytes: MiB, watchedSeconds: 60 },
};

describe('the file of probes on this machine', () => {
  it('is beside the history, with one line for each cgroup, the last answer of each', async (test) => {
    const file = probesFileBeside(path.join(tempDir(test), 'node-1.history.json'));
    assert.equal(path.basename(file), 'node-1.probes.jsonl');
    const read = probesIn(file);
    assert.deepEqual(read(), { byCgroup: new Map(), faults: [] });
    await keepProbe(file, '/docker/a', answer);
    await keepProbe(file, '/docker/b', answer);
    const last = { ...answer, at: monday, isAtMost: true as const };
    await keepProbe(file, '/docker/a', last);
    assert.deepEqual(read(), {
      byCgroup: new Map([
        ['/docker/b', answer],
        ['/docker/a', last],
      ]),
      faults: [],
    });
    assert.equal(read().byCgroup, read().byCgroup, 'parsed once');
  });

  it('keeps the last 200 answers', async (test) => {
    const file = path.join(tempDir(test), 'n.probes.jsonl');
    const line = (name: number) =>
      JSON.stringify({ cgroup: `/${name}`, ...answer, at: '2026-11-30T12:00:00Z' });
    fs.writeFileSync(file, Array.from({ length: 200 }, (_, n) => `${line(n)}\n`).join(''));
    await keepProbe(file, '/last', answer);
    const { byCgroup } = probesIn(file)();
    assert.deepEqual([byCgroup.size, byCgroup.has('/0'), byCgroup.has('/1')], [200, false, true]);
  });

  it('keeps both answers of two probes that end together', async (test) => {
    const file = path.join(tempDir(test), 'n.probes.jsonl');
    const names = ['/a', '/b', '/c', '/d'];
    await Promise.all(names.map((name) => keepProbe(file, name, answer)));
    assert.deepEqual([...probesIn(file)().byCgroup.keys()].sort(), names);
    assert.deepEqual(fs.readdirSync(path.dirname(file)), ['n.probes.jsonl']);
  });

  it('keeps lines that it cannot read, in their order', async (test) => {
    const file = path.join(tempDir(test), 'n.probes.jsonl');
    const later = '{"cgroup":"/a","at":"2026-11-30T12:00:00Z","needed":{"cache":1}}';
    fs.writeFileSync(file, `x\n${later}\n`);
    await keepProbe(file, '/b', answer);
    const lines = fs.readFileSync(file, 'utf8').split('\n');
    assert.deepEqual([lines[0], lines[1], lines.length], ['x', later, 4]);
  });

  it('is left as it is, with an error, if it cannot be read or is too large', async (test) => {
    const file = path.join(tempDir(test), 'n.probes.jsonl');
    const text = 'x'.repeat(128 * 1024 + 1);
    fs.writeFileSync(file, text);
    await assert.rejects(keepProbe(file, '/a', answer), /expected at most 131072 bytes, got a larger file/);
    assert.equal(fs.readFileSync(file, 'utf8'), text);
    fs.rmSync(file);
    fs.writeFileSync(`${file}.target`, 'x');
    fs.symlinkSync(`${file}.target`, file);
    await assert.rejects(keepProbe(file, '/a', answer), /expected a readable file, got /);
    assert.ok(fs.lstatSync(file).isSymbolicLink());
  });

  it('never becomes larger than a reader accepts: the oldest lines go first', async (test) => {
    const file = path.join(tempDir(test), 'n.probes.jsonl');
    const long = (name: number): string => `/${name}${'x'.repeat(4000)}`;
    for (let name = 0; name < 36; name++) await keepProbe(file, long(name), answer);
    const { byCgroup, faults } = probesIn(file)();
    assert.deepEqual([faults, byCgroup.has(long(0)), byCgroup.has(long(35))], [[], false, true]);
    assert.ok(byCgroup.size > 25);
  });

  it('is not written where its lock cannot be made', async (test) => {
    const file = path.join(tempDir(test), 'x'.repeat(100), 'n.probes.jsonl');
    await assert.rejects(
      keepProbe(file, '/a', answer),
      /expected a free lock, got its path is longer than 107 bytes; probe again, or pass/,
    );
  });

  it('belongs to the only history in a directory, or to that of this node', (test) => {
    const directory = tempDir(test);
    const refused = (node: string): string => {
      try {
        return probesFileIn(directory, node);
      } catch (error) {
        return messageOf(error);
      }
    };
    assert.match(refused('a'), /expected the history of an agent, got none; run `realmem agent` on this/);
    fs.writeFileSync(path.join(directory, 'b.history.json'), '');
    assert.equal(refused('a'), path.join(directory, 'b.probes.jsonl'));
    fs.writeFileSync(path.join(directory, 'a.history.json'), '');
    assert.equal(refused('a'), path.join(directory, 'a.probes.jsonl'));
    assert.match(refused('c'), /got 2 of other nodes; .*--history-dir/);
  });

  for (const [what, text, fault] of [
    ['no JSON', 'x\n', /:1: ignored: expected JSON, got /],
    ['no cgroup', '\n{}\n', /:2: ignored: expected the path of a cgroup at "cgroup"$/],
    ['no time', '{"cgroup":"/a"}\n', /:1: ignored: expected a time/],
    ['too much', 'x'.repeat(128 * 1024 + 1), /expected at most 131072 bytes, got a larger file$/],
  ] as const)
    it(`is ignored where it has ${what}, and says where`, (test) => {
      const file = path.join(tempDir(test), 'n.probes.jsonl');
      fs.writeFileSync(file, text);
      const { byCgroup, faults } = probesIn(file)();
      assert.equal(byCgroup.size, 0);
      assert.match(faults.join('\n'), fault);
    });

  it('is read again after it changed, and has no answers once it is gone', async (test) => {
    const file = path.join(tempDir(test), 'n.probes.jsonl');
    const read = probesIn(file);
    await keepProbe(file, '/a', answer);
    assert.deepEqual([...read().byCgroup.keys()], ['/a']);
    await keepProbe(file, '/b', answer);
    assert.deepEqual([...read().byCgroup.keys()], ['/a', '/b']);
    fs.rmSync(file);
    assert.deepEqual(read(), { byCgroup: new Map(), faults: [] });
  });

  it('has its first fault alone, and the answers beside it; lines after the 200th do not count', (test) => {
    const file = path.join(tempDir(test), 'n.probes.jsonl');
    const good = JSON.stringify({ cgroup: '/a', ...answer, at: '2026-11-30T12:00:00Z' });
    const last = JSON.stringify({ cgroup: '/last', ...answer, at: '2026-11-30T12:00:00Z' });
    fs.writeFileSync(file, ['{}', 'x', good, ...new Array<string>(197).fill(''), last].join('\n'));
    const { byCgroup, faults } = probesIn(file)();
    assert.deepEqual([[...byCgroup.keys()], faults.length], [['/a'], 1]);
    assert.match(faults[0] ?? '', /:1: ignored: expected the path of a cgroup at "cgroup"$/);
  });

  it('is not followed if it is a link', (test) => {
    const directory = tempDir(test);
    const file = path.join(directory, 'n.probes.jsonl');
    fs.symlinkSync('/etc/passwd', file);
    assert.equal(probesIn(file)().faults.length, 1);
  });
});
