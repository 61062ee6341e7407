import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sorted, suggestedColumns } from '../../../src/page/view/columns.ts';
import { effectOf, suggestedTotals, suggestionEntries } from '../../../src/page/view/suggested.ts';
import { Mi, modelWith } from '../some.ts';

describe('suggestionEntries', () => {
  const suggestion = { namespace: 'shop', replicas: 3, risk: '' as const, because: [] };
  const entries = suggestionEntries(
    modelWith([], {
      suggestions: [
        {
          ...suggestion,
          workload: 'Deployment/cart',
          container: 'main',
          requestNow: 100,
          request: 60,
          frees: 120,
        },
        {
          ...suggestion,
          workload: 'Deployment/web',
          container: '',
          request: 50,
          frees: -150,
          risk: 'killed',
        },
      ],
    }),
  );

  it('name container and whole pod', () => {
    assert.deepEqual(
      entries.map(({ name, detail }) => [name, detail]),
      [
        ['cart/main', 'shop · Deployment'],
        ['web/(whole pod)', 'shop · Deployment'],
      ],
    );
  });

  it('add up requests of all replicas, now and then', () => {
    assert.deepEqual(suggestedTotals(entries), { now: 300, after: 330, frees: -30 });
  });

  it('say in words what a suggestion needs, what one frees, and that another is learning', () => {
    const texts = (heading: string, rows = entries) =>
      rows.map((row) => suggestedColumns.find((column) => column.heading === heading)?.text(row));
    const sized = entries.map((row, index) => ({ ...row, frees: (index === 0 ? 41 : -30) * Mi }));
    assert.deepEqual(texts('FREES', sized), ['41Mi', 'needs 30Mi']);
    const young = entries.map((row) => ({ ...row, confidence: 'low' as const, learningPeak: 61 * Mi }));
    assert.deepEqual(texts('CONFIDENCE', young), ['learning, peak 61Mi', 'learning, peak 61Mi']);
  });

  it('say what all of them change together, and why nothing is suggested yet', () => {
    assert.match(effectOf(entries), /^That needs /);
    assert.match(effectOf(entries.map((row) => ({ ...row, frees: Mi }))), /^That frees 2Mi /);
    const stay = entries.map(({ request: _, requestNow: __, ...row }) => ({ ...row, frees: 0 }));
    assert.equal(effectOf(stay), 'That neither frees nor needs requested memory.');
    const young = stay.map((row) => ({ ...row, learningPeak: Mi }));
    assert.match(effectOf(young), /^No other value is suggested yet: all containers have less than a day/);
    assert.match(effectOf([...stay, ...young]), /^No other value is suggested yet: 2 of 4 containers have /);
  });

  it('sort by risk, the worst first', () => {
    const byRisk = sorted(entries, suggestedColumns, { column: 'RISK NOW', isDescending: false });
    assert.deepEqual(
      byRisk.map(({ risk }) => risk),
      ['killed', ''],
    );
  });

  it('count 0 for a request that is not set, and each replica of one that is', () => {
    const [row] = entries;
    assert.ok(row !== undefined);
    const { requestNow: _, ...unset } = { ...row, frees: -60, replicas: 2 };
    assert.deepEqual(suggestedTotals([unset]), { now: 0, after: 60, frees: -60 });
    assert.deepEqual(suggestedTotals([]), { now: 0, after: 0, frees: 0 });
  });

  it('say that values change although the total stays, even while one is learning', () => {
    const [one, other] = entries;
    assert.ok(one !== undefined && other !== undefined);
    const neither = 'That neither frees nor needs requested memory.';
    const learning = { ...other, frees: 0, request: 5, requestNow: 5, learningPeak: Mi };
    assert.equal(
      effectOf([
        { ...one, frees: 60 },
        { ...other, frees: -60 },
      ]),
      neither,
    );
    assert.equal(effectOf([{ ...learning, limit: 5, limitNow: 9 }]), neither);
    assert.match(effectOf([learning]), /^No other value is suggested yet/);
    assert.equal(effectOf([]), neither);
  });

  it('name a workload without a kind, and are found by risk and by "learning"', () => {
    const given = { ...suggestion, workload: 'cart', container: 'a\u001bb', risk: 'leak' as const, frees: 0 };
    const found = suggestionEntries(
      modelWith([], {
        suggestions: [given, { ...given, container: 'b', learningPeak: Mi, confidence: 'low' }],
      }),
    );
    assert.deepEqual(
      found.map(({ name }) => name),
      ['cart/a\\u001bb', 'cart/b'],
    );
    assert.deepEqual(
      found.map(({ search }) => [/leak/, /learning/].map((words) => words.test(search))),
      [
        [true, false],
        [true, true],
      ],
    );
  });
});
