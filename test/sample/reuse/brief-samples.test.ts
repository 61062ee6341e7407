/** Passes over a node of two pods, whose files are texts in memory. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { realOf } from '../../../src/account/memory.ts';
import type { Leave, Tree } from '../../../src/edges/cgroup-tree.ts';
import type { Host } from '../../../src/edges/host.ts';
import type { CgroupVersion, RawCgroup } from '../../../src/model/cgroup.ts';
import { sample } from '../../../src/sample/host.ts';
import { Reuse } from '../../../src/sample/reuse/reuse.ts';
import { Selection } from '../../../src/sample/selection.ts';
import { bytesOf } from '../../any-bytes.ts';

/** In bytes. */
interface Figures {
  readonly usage: number;
  readonly anon: number;
  readonly file: number;
}

const MiB = 2 ** 20;
const pods = ['/kubepods', '/kubepods/poda', '/kubepods/podb'];
const [a1, a2, b1] = ['a1', 'a2', 'b1'].map((name) => `/kubepods/pod${name[0]}/${name.repeat(32)}`) as [
  string,
  string,
  string,
];
const paths = [pods[0], pods[1], a1, a2, pods[2], b1] as readonly string[];

function node(version: CgroupVersion, figures: Map<string, Figures>, unlisted: readonly string[] = []) {
  const asked: string[] = [];
  /** Paths whose `memory.stat` nobody can parse. */
  const malformed = new Set<string>();
  const total = version === 1 ? 'total_' : '';
  const raws = paths.map((path, index): RawCgroup => {
    return {
      id: { path, inode: index + 1 },
      read(file) {
        const { usage, anon, file: pages } = figures.get(path) as Figures;
        if (file === 'memory.usage_in_bytes' || file === 'memory.current') return bytesOf(`${usage}\n`);
        if (file !== 'memory.stat') return undefined;
        asked.push(path);
        if (malformed.has(path)) return bytesOf('active_file\n');
        return bytesOf(
          `${total}inactive_anon 0\n${total}active_anon ${anon}\n${total}inactive_file ${pages}\n${total}active_file 0\n`,
        );
      },
    };
  });
  const childrenOf = (path: string) => raws.filter(({ id }) => id.path.replace(/\/[^/]*$/, '') === path);
  const walk: Tree['walk'] = (visit, _admit, leave: Leave = () => false) => {
    const enter = (raw: RawCgroup): void => {
      const below = visit(raw);
      const [hidden, known] = [true, false].map((is) =>
        childrenOf(raw.id.path).filter(({ id }) => unlisted.includes(id.path) === is),
      ) as [RawCgroup[], RawCgroup[]];
      for (const child of known) enter(child);
      if (below !== 'late' || !leave(raw, false)) return;
      for (const child of hidden) enter(child);
      leave(raw, true);
    };
    enter(raws[0] as RawCgroup);
    return [];
  };
  const cgroups = { version, tree: { walk, *scan() {}, close() {} }, mountPoint: '/', mountRoot: '/' };
  const host = { cgroups, meminfo: () => undefined, arcstats: () => undefined } as unknown as Host;
  const [selection, reuse] = [new Selection(), new Reuse(() => true)];
  return {
    asked,
    malformed,
    pass(detailed = false) {
      asked.length = 0;
      const { observations } = sample(host, detailed, selection, reuse, 0);
      return new Map(observations.map((one) => [one.sample.id.path, realOf(one.sample)]));
    },
  };
}

const sum = (all: readonly Figures[]): Figures => ({
  usage: all.reduce((a, { usage }) => a + usage, 0),
  anon: all.reduce((a, { anon }) => a + anon, 0),
  file: all.reduce((a, { file }) => a + file, 0),
});

/** All figures of the node. A pod has those of its containers and a rest. */
function figuresOf(leaves: readonly Figures[], rests: readonly Figures[]): [string, Figures][] {
  const [one, two, three] = leaves as [Figures, Figures, Figures];
  const [ofA, ofB] = rests as [Figures, Figures];
  const [podA, podB] = [sum([one, two, ofA]), sum([three, ofB])];
  const all = [sum([podA, podB]), podA, one, two, podB, three];
  return all.map((figures, index) => [paths[index] as string, figures]);
}

const large: Figures = { usage: 9 * MiB, anon: 4 * MiB, file: 5 * MiB };
const tiny: Figures = { usage: MiB / 2, anon: MiB / 4, file: MiB / 4 };
const none: Figures = { usage: 0, anon: 0, file: 0 };
const cache: Figures = { usage: 3 * MiB, anon: 0, file: 3 * MiB };

for (const version of [1, 2] as const)
  describe(`a brief pass of v${version} after a report`, () => {
    const begin = (leaves: readonly Figures[], rests: readonly Figures[], unlisted?: readonly string[]) => {
      const figures = new Map(figuresOf(leaves, rests));
      const { asked, malformed, pass } = node(version, figures, unlisted);
      pass(true);
      return {
        asked,
        malformed,
        pass,
        set(next: readonly Figures[], nextRests = rests) {
          for (const [path, one] of figuresOf(next, nextRests)) figures.set(path, one);
        },
      };
    };

    it('computes the pods from their containers and what they had beyond these', () => {
      const { asked, pass, set } = begin([large, large, large], [cache, none]);
      const grown = { usage: 19 * MiB, anon: 14 * MiB, file: 5 * MiB };
      set([grown, large, large]);
      const real = pass();
      assert.deepEqual(asked, [a1, a2, b1]);
      assert.deepEqual(
        pods.map((path) => real.get(path)),
        [22 * MiB, 18 * MiB, 4 * MiB],
      );
    });

    it('reads a pod once what it has beyond its containers changed', () => {
      const { asked, pass, set } = begin([large, large, large], [cache, none]);
      set([large, large, large], [{ usage: 2 * MiB, anon: 2 * MiB, file: 0 }, none]);
      assert.equal(pass().get('/kubepods/poda'), 10 * MiB);
      assert.deepEqual(asked, [a1, a2, '/kubepods/poda', b1]);
      pass();
      assert.deepEqual(asked, [a1, a2, b1]);
    });

    it('takes the pod anew when its containers change but its usage does not', () => {
      const { pass, set } = begin([tiny, tiny, tiny], [none, none]);
      pass();
      const [less, more] = [
        { usage: MiB / 4, anon: MiB / 4, file: 0 },
        { usage: (3 * MiB) / 4, anon: (3 * MiB) / 4, file: 0 },
      ];
      set([less, more, tiny]);
      const real = pass();
      assert.deepEqual([real.get('/kubepods/poda'), real.get('/kubepods')], [MiB, (5 * MiB) / 4]);
      assert.equal(pass().get('/kubepods/poda'), MiB);
    });

    it('reads a pod again whose memory.stat was malformed', () => {
      const { asked, pass, set, malformed } = begin([tiny, tiny, tiny], [none, none]);
      set([tiny, tiny, tiny], [cache, none]);
      malformed.add('/kubepods/poda');
      assert.equal(pass().get('/kubepods/poda'), undefined);
      malformed.clear();
      assert.equal(pass().get('/kubepods/poda'), MiB / 2);
      assert.ok(asked.includes('/kubepods/poda'));
    });

    it('looks for a new container in a pod with more memory than its containers explain', () => {
      const { pass, set } = begin([large, none, large], [none, none], [a2]);
      assert.equal(pass().has(a2), false);
      set([large, large, large]);
      const real = pass();
      assert.deepEqual([real.get(a2), real.get('/kubepods/poda')], [4 * MiB, 8 * MiB]);
    });

    it('reads a small container only if its usage changed by a byte', () => {
      const { asked, pass, set } = begin([tiny, large, large], [none, none]);
      assert.equal(pass().get(a1), MiB / 4);
      assert.deepEqual(asked, [a2, b1]);
      set([{ usage: tiny.usage + 1, anon: tiny.anon + 1, file: tiny.file }, large, large]);
      assert.equal(pass().get(a1), MiB / 4 + 1);
      assert.deepEqual(asked, [a1, a2, b1]);
    });

    it('reads every cgroup in a report', () => {
      const { asked, pass } = begin([tiny, large, large], [none, none]);
      pass(true);
      assert.deepEqual(asked.toSorted(), paths.toSorted());
    });

    it('is exact for containers of 1 MiB and more, and off by at most the usage of a smaller one', () => {
      const pages = fc.nat(3 * MiB).map((bytes) => bytes - (bytes % 4096));
      const figure = fc
        .record({ anon: pages, file: pages })
        .map((one) => ({ ...one, usage: one.anon + one.file }));
      const moment = fc.record({
        leaves: fc.array(figure, { minLength: 3, maxLength: 3 }),
        rests: fc.array(figure, { minLength: 2, maxLength: 2 }),
      });
      fc.assert(
        fc.property(fc.array(moment, { minLength: 2, maxLength: 6 }), ([first, ...others]) => {
          const { pass, set } = begin(first?.leaves ?? [], first?.rests ?? []);
          for (const { leaves, rests } of others) {
            set(leaves, rests);
            const real = pass();
            const truth = new Map(figuresOf(leaves, rests).map(([path, { anon }]) => [path, anon]));
            for (const [index, path] of [a1, a2, b1].entries()) {
              const { usage } = leaves[index] as Figures;
              const error = Math.abs((real.get(path) ?? Number.NaN) - (truth.get(path) ?? 0));
              assert.ok(error <= (usage < MiB ? usage : 0), `${path}: ${error}`);
            }
          }
        }),
      );
    });
  });
