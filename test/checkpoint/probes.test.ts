/** Answers of probes in a checkpoint, and in the file beside it. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { keepProbe, probesFileBeside, probesFileIn, probesIn } from '../../src/checkpoint/probes-file.ts';
import { decodeCheckpoint } from '../../src/checkpoint/read.ts';
import { encodeCheckpoint } from '../../src/checkpoint/write.ts';
import { messageOf } from '../../src/model/located-error.ts';
import { UsageAggregate } from '../../src/usage/aggregate.ts';
import type { Probe } from '../../src/usage/aggregate-entries.ts';
import { UsageAggregates } from '../../src/usage/aggregates.ts';
import { tempDir } from '../temp.ts';
import { day, MiB, monday } from '../usage/made/played.ts';
import { aggregateOf, at, cartWith, changed, dropsWith, key } from './recorded.ts';

const probe: Probe = {
  ...{ pod: 'cart-1', at: monday - day, neededCacheBytes: 32 * MiB, coldCacheBytes: 64 * MiB },
  ...{ errorBytes: MiB, watchedSeconds: 60 },
};
const aggregateWith = (...probes: readonly Probe[]): UsageAggregate => {
  const aggregate = new UsageAggregate();
  aggregate.observed(monday);
  for (const one of probes) aggregate.probed(one);
  return aggregate;
};
const textOf = (aggregate: UsageAggregate): string => {
  const aggregates = new UsageAggregates();
  aggregates.of(key).merge(aggregate);
  return encodeCheckpoint({ node: 'node-1', at: monday, aggregates, lifetimes: [] });
};
const readBack = (aggregate: UsageAggregate): UsageAggregate =>
  aggregateOf(decodeCheckpoint('it', textOf(aggregate)));

describe('answers of probes in a checkpoint', () => {
  it('come back as they were, with sizes rounded up to a KiB', () => {
    const size = fc.integer({ min: 0, max: 2 ** 20 }).map((KiB) => KiB * 1024);
    const any = fc.record({
      pod: fc.constantFrom('a', 'b', 'c', 'd'),
      at: fc.integer({ min: monday - 50 * day, max: monday }),
      ...{ neededCacheBytes: size, coldCacheBytes: size, errorBytes: size },
      watchedSeconds: fc.integer({ min: 0, max: 86_400 }),
      isAtMost: fc.constantFrom(true as const, undefined),
      revision: fc.constantFrom(0, 7, 2 ** 32 - 1, undefined),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 6 }), (probes) => {
        const plain = JSON.parse(JSON.stringify(probes)) as Probe[];
        const aggregate = aggregateWith(...plain);
        aggregate.created(7, monday - day);
        const { probes: read, revision } = readBack(aggregate);
        assert.deepEqual([read, revision], [aggregate.probes, aggregate.revision]);
      }),
    );
    assert.equal(readBack(aggregateWith({ ...probe, errorBytes: 1 })).probes[0]?.errorBytes, 1024);
  });

  it('take some 50 bytes each, and nothing where there are none', () => {
    const none = textOf(aggregateWith()).length;
    assert.doesNotMatch(textOf(aggregateWith()), /"[pv]":/);
    assert.ok(textOf(aggregateWith(probe)).length - none < 60);
  });

  it('are absent in a checkpoint of 0.1.0, which is read as before', () => {
    const { aggregates, dropped } = changed(() => {});
    assert.equal(dropped, undefined);
    for (const { aggregate } of aggregates)
      assert.deepEqual([aggregate.probes, aggregate.revision], [[], undefined]);
  });

  it('are dropped one by one where they cannot be read, and the rest of the history stays', () => {
    const good = ['p', at, 1, 1, 1, 1];
    const read = cartWith({ p: [['p', at, -1, 1, 1, 1], good, ['p']], v: [['x', at]] });
    assert.equal(read.probes.length, 1);
    assert.equal(read.revision, undefined);
    assert.ok(read.days.size > 0);
    for (const [wrong, why] of [
      [['p', at, 1, 1, 1, 1e9], /at most 172800 at 5/],
      [['p', at, 1, 1, 1, 1, 0, 2 ** 32], /at most 4294967295 at 7/],
      [['p', 5, 1, 1, 1, 1], /expected a time at 1/],
      [[7, at, 1, 1, 1, 1], /expected a text at 0/],
    ] as const)
      assert.match(dropsWith({ p: [wrong] }) ?? '', why);
  });

  it('are dropped with more page cache and error than the node has memory', () => {
    const GiB = 2 ** 20;
    const read = (sizes: readonly number[], capacityBytes?: number) =>
      changed((checkpoint, cart) => {
        cart['p'] = [['p', at, ...sizes, 1]];
        checkpoint['capacityBytes'] = capacityBytes;
      });
    const memory = 4 * 2 ** 30;
    assert.equal(aggregateOf(read([GiB, GiB, 2 * GiB + 3], memory)).probes.length, 1);
    for (const sizes of [
      [GiB, GiB, 2 * GiB + 4],
      [0, 0, 5 * GiB],
    ]) {
      const { dropped, ...more } = read(sizes, memory);
      assert.deepEqual(aggregateOf(more).probes, []);
      assert.match(dropped?.first ?? '', /expected at most the 4294967296 bytes of the node at 2 to 4, got /);
    }
    assert.equal(aggregateOf(read([0, 0, 2 ** 40])).probes.length, 1, 'a petabyte where that is unknown');
    assert.deepEqual(aggregateOf(read([0, 0, 2 ** 41])).probes, []);
  });

  it('are never later than the checkpoint', () =>
    assert.equal(cartWith({ p: [['p', at + 500, 1, 1, 1, 1]] }).probes[0]?.at, at));
});

describe('the file of probes on this machine', () => {
  it('is beside the history, with one line for each cgroup, the last answer of each', async (test) => {
    const file = probesFileBeside(path.join(tempDir(test), 'node-1.history.json'));
    assert.equal(path.basename(file), 'node-1.probes.jsonl');
    const read = probesIn(file);
    assert.deepEqual(read(), { byCgroup: new Map(), faults: [] });
    const { pod: _, ...answer } = probe;
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
    const { pod: _, ...answer } = probe;
    const line = (name: number) =>
      JSON.stringify({ cgroup: `/${name}`, ...answer, at: '2026-11-30T12:00:00Z' });
    fs.writeFileSync(file, Array.from({ length: 200 }, (_, n) => `${line(n)}\n`).join(''));
    await keepProbe(file, '/last', answer);
    const { byCgroup } = probesIn(file)();
    assert.deepEqual([byCgroup.size, byCgroup.has('/0'), byCgroup.has('/1')], [200, false, true]);
  });

  it('keeps both answers of two probes that end together', async (test) => {
    const file = path.join(tempDir(test), 'n.probes.jsonl');
    const { pod: _, ...answer } = probe;
    const names = ['/a', '/b', '/c', '/d'];
    await Promise.all(names.map((name) => keepProbe(file, name, answer)));
    assert.deepEqual([...probesIn(file)().byCgroup.keys()].sort(), names);
    assert.deepEqual(fs.readdirSync(path.dirname(file)), ['n.probes.jsonl']);
  });

  it('keeps lines that it cannot read, in their order', async (test) => {
    const file = path.join(tempDir(test), 'n.probes.jsonl');
    const { pod: _, ...answer } = probe;
    const later = '{"cgroup":"/a","at":"2026-11-30T12:00:00Z","needed":{"cache":1}}';
    fs.writeFileSync(file, `x\n${later}\n`);
    await keepProbe(file, '/b', answer);
    const lines = fs.readFileSync(file, 'utf8').split('\n');
    assert.deepEqual([lines[0], lines[1], lines.length], ['x', later, 4]);
  });

  it('is left as it is, with an error, if it cannot be read or is too large', async (test) => {
    const file = path.join(tempDir(test), 'n.probes.jsonl');
    const { pod: _, ...answer } = probe;
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
    const { pod: _, ...answer } = probe;
    const long = (name: number): string => `/${name}${'x'.repeat(4000)}`;
    for (let name = 0; name < 36; name++) await keepProbe(file, long(name), answer);
    const { byCgroup, faults } = probesIn(file)();
    assert.deepEqual([faults, byCgroup.has(long(0)), byCgroup.has(long(35))], [[], false, true]);
    assert.ok(byCgroup.size > 25);
  });

  it('is not written where its lock cannot be made', async (test) => {
    const file = path.join(tempDir(test), 'x'.repeat(100), 'n.probes.jsonl');
    const { pod: _, ...answer } = probe;
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

  it('is not followed if it is a link', (test) => {
    const directory = tempDir(test);
    const file = path.join(directory, 'n.probes.jsonl');
    fs.symlinkSync('/etc/passwd', file);
    assert.equal(probesIn(file)().faults.length, 1);
  });
});
