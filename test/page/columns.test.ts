import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changeText, filled, memoryColumns, sorted } from '../../src/page/view/columns.ts';
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
