import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { first, group, type Metric, type MetricValue } from '../../src/metrics/metric.ts';

type Values = readonly (readonly [labels: readonly string[], item: ReturnType<Metric<unknown>['read']>])[];

const metric = (labels?: readonly string[]): Metric<ReturnType<Metric<unknown>['read']>> => ({
  ...{ name: 'm', type: 'gauge', help: 'x', since: first, read: (item) => item },
  ...(labels !== undefined && { labels }),
});

/** The lines of one metric. @param own labels of its points */
const linesOf = (labels: readonly string[], values: Values, own?: readonly string[]): readonly string[] =>
  group(labels, (given: Values) => given, [metric(own)])
    .families(values)
    .flatMap(({ lines }) => lines.split('\n').slice(0, -1));

describe('the lines of a group', () => {
  it('have braces only where there are labels', () => {
    assert.deepEqual(linesOf([], [[[], 5]]), ['m 5']);
    assert.deepEqual(linesOf(['a', 'b'], [[['1', ''], 5]]), ['m{a="1",b=""} 5']);
  });

  it('are absent for a value that is unknown and for no points, and there for 0', () =>
    assert.deepEqual(
      linesOf(
        ['a'],
        [
          [['unknown'], undefined],
          [['none'], []],
          [['zero'], 0],
        ],
      ),
      ['m{a="zero"} 0'],
    ));

  it('have the labels of the item, then those of the point, whichever there are', () => {
    const points: readonly MetricValue[] = [
      { labels: ['x'], value: 1 },
      { suffix: '_sum', value: 2 },
    ];
    assert.deepEqual(linesOf(['a'], [[['1'], points]], ['le']), ['m{a="1",le="x"} 1', 'm_sum{a="1"} 2']);
    assert.deepEqual(linesOf([], [[[], points]], ['le']), ['m{le="x"} 1', 'm_sum 2']);
  });

  it('have two labels of a point each with its own value', () => {
    const points: readonly MetricValue[] = [
      { labels: ['a', 'b'], value: 1 },
      { labels: ['a', 'c'], value: 2 },
    ];
    assert.deepEqual(linesOf([], [[[], points]], ['x', 'y']), ['m{x="a",y="b"} 1', 'm{x="a",y="c"} 2']);
  });

  it('are one for two names that escape to the same text: the last one counts', () =>
    assert.deepEqual(
      linesOf(
        ['a'],
        [
          [['x\u001b'], 1],
          [['x\u009b'], 2],
          [['x\u001b'], 3],
        ],
      ),
      ['m{a="x\\\\u001b"} 3', 'm{a="x\\\\u009b"} 2'],
    ));

  for (const [name, escaped] of [
    ['plain ~!', 'plain ~!'],
    ['a"b', 'a\\"b'],
    ['a\\b', 'a\\\\b'],
    ['a\nb', 'a\\\\u000ab'],
    ['日本', '日本'],
  ] as const)
    it(`write ${JSON.stringify(name)} as ${escaped}`, () =>
      assert.deepEqual(linesOf(['a'], [[[name], 1]]), [`m{a="${escaped}"} 1`]));
});
