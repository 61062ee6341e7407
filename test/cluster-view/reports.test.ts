/** The reports of all nodes, from lists that a made API sends. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Reports, readReports } from '../../src/cluster/reports.ts';
import { ApiError } from '../../src/kube/api-error.ts';
import type { Kube, Unread } from '../../src/kube/client.ts';
import { at, reportOf } from './made/made.ts';

/** A page of the API's answer: gives its items, and what the client could not read. */
type Page = (
  each: (item: unknown) => void,
  unread: Unread,
) => { readonly more?: boolean; readonly remaining?: number };

/** Reads these pages, one after another. */
async function read(pages: readonly Page[], namespace?: string) {
  let asked = 0;
  const steps: (readonly [number, number])[] = [];
  const kube: Pick<Kube, 'list'> = {
    list: async (_, each, unread) => {
      const { more = false, remaining } = (pages[asked++] ?? assert.fail('one page too many'))(
        each,
        unread ?? assert.fail(),
      );
      return { metadata: { ...(more && { continue: 'x' }), remainingItemCount: remaining } };
    },
  };
  const source = { kube, deadlineMs: 1_000, signal: new AbortController().signal };
  const reports: Reports = await readReports(source, {
    ...{ now: at, namespace },
    progress: (...step) => steps.push(step),
  });
  return { ...reports, names: reports.nodes.map(({ name }) => name), steps };
}

const items =
  (...all: readonly unknown[]): Page =>
  (each) => {
    for (const one of all) each(one);
    return {};
  };

describe('the reports of a cluster', () => {
  it('are sorted by name, and the last one of a name counts', async () => {
    const { nodes, count } = await read([
      items(reportOf('b'), reportOf('a', [['n', 'old']]), reportOf('a', [['n', 'new']])),
    ]);
    assert.deepEqual(
      nodes.map(({ name, pods }) => [name, pods.map((pod) => pod.name)]),
      [
        ['a', ['new']],
        ['b', []],
      ],
    );
    assert.equal(count, 3);
  });

  it('are counted also where they cannot be read, with a note on each', async () => {
    const { names, count, notes } = await read([
      (each, unread) => {
        each({});
        unread.large?.({ metadata: {}, why: 'too many values' });
        each(reportOf('a'));
        return {};
      },
    ]);
    assert.deepEqual([names, count], [['a'], 3]);
    assert.match(notes[0] ?? '', /^a NodeMemoryReport: expected metadata\.name/);
    assert.equal(notes[1], 'NodeMemoryReport ? is too large: too many values');
  });

  it('say first that the list is cut off', async () => {
    const { notes } = await read([
      (each, unread) => {
        each({});
        unread.cut?.('the answer is too long');
        return {};
      },
    ]);
    assert.equal(notes[0], 'The list of reports is cut off: the answer is too long');
    assert.equal(notes.length, 2);
  });

  it('are 20,000 at most, and a note says so', async () => {
    const all = Array.from({ length: 20_001 }, (_, index) => ({ metadata: { name: `n${index}` } }));
    const { nodes, count, notes } = await read([items(...all)]);
    assert.deepEqual([nodes.length, count], [20_000, 20_001]);
    assert.equal(notes[0], 'The list of reports is cut off: more than 20000 nodes or 600000 pods');
  });

  it('begin anew without anything of a list that the API server forgot', async () => {
    const { names, namespaces, notes, count, steps } = await read([
      (each, unread) => {
        each({});
        each(reportOf('gone', [['old', 'p']]));
        unread.cut?.('the answer is too long');
        return { more: true, remaining: 1 };
      },
      () => {
        throw new ApiError(410, 'Expired', 'too old');
      },
      items(reportOf('a', [['new', 'p']])),
    ]);
    assert.deepEqual([names, namespaces, notes, count], [['a'], ['new'], [], 1]);
    assert.deepEqual(steps, [
      [2, 3],
      [1, 1],
    ]);
  });

  it('tell the namespaces of all pods, also of those that are left out', async () => {
    const { nodes, namespaces } = await read(
      [
        items(
          reportOf('a', [
            ['shop', 'p'],
            ['data', 'q'],
          ]),
          reportOf('b', [['shop', 'r']]),
        ),
      ],
      'data',
    );
    assert.deepEqual(namespaces, ['shop', 'data']);
    assert.deepEqual(
      nodes.map(({ pods }) => pods.length),
      [1, 0],
    );
  });
});
