import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changeText, filled, memoryColumns, sorted, suggestionColumns } from '../../src/page/view/columns.ts';
import { effectOf, suggestionEntries, totalsOf } from '../../src/page/view/suggested.ts';
import { Gi, Mi, modelWith, pod, rows } from './some.ts';

const model = modelWith([
  pod('b/one', [{ real: 300 * Mi, limit: 400 * Mi, verdict: 'OK', workingSet: 350.9 * Mi }]),
  pod('a/two', [{ real: 100 * Mi, verdict: 'NoLimit' }]),
  pod('c/three', [{ limit: Gi }]),
  pod('a/four', [{ real: 990 * Mi, limit: 1000 * Mi, verdict: 'NearLimit', ooms: 3 }]),
]);
const pods = rows(model, 'pod');
const columns = memoryColumns('pod', true);

const order = (column: string, isDescending: boolean): readonly string[] =>
  sorted(pods, columns, { column, isDescending }).map(({ name }) => name);

const cells = (heading: string): readonly string[] => {
  const column = columns.find((one) => one.heading === heading);
  return pods.map((entry) => column?.text(entry) ?? 'no such column');
};

describe('sorted', () => {
  it('sorts numbers in both directions, and unknown ones last', () => {
    assert.deepEqual(order('REAL', true), ['four', 'one', 'two', 'three']);
    assert.deepEqual(order('REAL', false), ['two', 'one', 'four', 'three']);
  });

  it('sorts by the share of the limit', () => {
    assert.deepEqual(order('REAL%', true), ['four', 'one', 'two', 'three']);
  });

  it('sorts names by namespace first', () =>
    assert.deepEqual(order('POD', false), ['four', 'two', 'one', 'three']));

  it('sorts verdicts by urgency', () =>
    assert.deepEqual(order('VERDICT', false), ['four', 'two', 'one', 'three']));

  it('keeps the order for a column that is not there', () => {
    assert.deepEqual(order('<script>', true), ['one', 'two', 'three', 'four']);
  });
});

describe('the columns', () => {
  it('show figures as kubectl realmem top does', () => {
    assert.deepEqual(cells('REAL'), ['300Mi', '100Mi', '–', '990Mi']);
    assert.deepEqual(cells('REAL%'), ['75%', '–', '–', '99%']);
    assert.deepEqual(cells('KUBECTL-TOP'), ['350Mi', '–', '–', '–']);
    assert.deepEqual(cells('OOMS'), ['0', '0', '0', '0']);
  });

  it('mark what is near its limit', () => {
    const share = columns.find(({ heading }) => heading === 'REAL%');
    assert.deepEqual(
      pods.map((entry) => share?.isBad?.(entry)),
      [false, false, false, true],
    );
  });

  it('leave out what no row has', () => {
    const headings = filled(columns, pods).map(({ heading }) => heading);
    assert.deepEqual(headings, ['POD', 'MEMORY', 'REAL', 'LIMIT', 'REAL%', 'KUBECTL-TOP', 'OOMS', 'VERDICT']);
  });

  it('call the limit of a node its capacity, and kubectl only with pods', () => {
    assert.ok(memoryColumns('node', true).some(({ heading }) => heading === 'CAPACITY'));
    assert.ok(!memoryColumns('container', false).some(({ heading }) => heading === 'KUBECTL-TOP'));
  });
});

describe('changeText', () => {
  for (const [now, then, text] of [
    [128 * Mi, 64 * Mi, '128Mi → 64Mi'],
    [128 * Mi, 128 * Mi, '128Mi ='],
    [undefined, 64 * Mi, '– → 64Mi'],
    [undefined, undefined, '–'],
  ] as const)
    it(`${now} to ${then} is ${text}`, () => assert.equal(changeText(now, then), text));

  it('has no "=" while learning: the history is too short to say that the value is right', () =>
    assert.equal(changeText(128 * Mi, 128 * Mi, true), '128Mi'));
});

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
    assert.deepEqual(totalsOf(entries), { now: 300, after: 330, frees: -30 });
  });

  it('say in words what a suggestion needs, what one frees, and that another is learning', () => {
    const texts = (heading: string, rows = entries) =>
      rows.map((row) => suggestionColumns.find((column) => column.heading === heading)?.text(row));
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
    const byRisk = sorted(entries, suggestionColumns, { column: 'RISK NOW', isDescending: false });
    assert.deepEqual(
      byRisk.map(({ risk }) => risk),
      ['killed', ''],
    );
  });
});
