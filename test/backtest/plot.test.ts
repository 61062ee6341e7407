import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Outcome } from '../../src/backtest/judge.ts';
import { renderBacktestSvg } from '../../src/backtest/plot.ts';

const outcome = (policy: string, oomPerDay: number, slack: number): Outcome => ({
  ...{ policy, margin: 1, slack, oomPerDay, oomFreeDaysPct: 100, changesPerDay: 0 },
  ...{ series: 1, days: 1, slackByteSeconds: 0 },
});

const svg = (outcomes: readonly Outcome[], shipped: readonly Outcome[] = []): string =>
  renderBacktestSvg({ outcomes, shipped, marginsGiven: false, comparisons: [], notes: [] });

/** The lines of policies: the drawn points, the dot and the name. */
const drawn = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.includes('h22"'))
    .map((line) => ({
      points: /^<path d="M([^"]+)" fill="none"/.exec(line)?.[1]?.split('L'),
      width: /stroke-width="([\d.]+)"\/><text/.exec(line)?.[1],
      dots: [...line.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="(\d)"/g)].map((found) =>
        found.slice(1),
      ),
      colour: /stroke="(#\w+)" stroke-width="[\d.]+"\/><text/.exec(line)?.[1],
      name: />([^<]*)<\/text>/.exec(line)?.[1],
    }));

describe('renderBacktestSvg', () => {
  it('draws axes and no line without outcomes', () => {
    const text = svg([]);
    assert.match(text, /^<svg .*<\/svg>\n$/s);
    assert.deepEqual(drawn(text), []);
  });

  it('places a rate of 1 at the right end, and slack 0 and 1 at bottom and top', () => {
    const [line] = drawn(svg([outcome('a', 1, 0), outcome('a', 0.003, 1)]));
    assert.deepEqual(line?.points, ['60.0 36.0', '590.0 410.0']);
  });

  it('draws rates below the axis at its left end: of these, the least slack', () => {
    const [line] = drawn(svg([outcome('a', 0, 0.8), outcome('a', 0.001, 0.5), outcome('a', 0.003, 0.6)]));
    assert.deepEqual(line?.points, ['60.0 223.0']);
  });

  it('leaves out rates above 1, and the line of a policy that has no other, but not its name', () => {
    const text = svg([outcome('a', 1.001, 0.5)], [outcome('a', 1.001, 0.5)]);
    const [line] = drawn(text);
    assert.ok(!text.includes('d="M"'));
    assert.deepEqual([line?.points, line?.dots, line?.name], [undefined, [], 'a']);
  });

  it('draws only the frontier, from left to right', () => {
    const points = drawn(svg([outcome('a', 1, 0.2), outcome('a', 0.1, 0.5), outcome('a', 0.3, 0.6)]))[0]
      ?.points;
    assert.deepEqual(points, ['379.9 223.0', '590.0 335.2']);
  });

  it('draws a dot at the default margin of a policy, also off its frontier, and none for another policy', () => {
    const outcomes = [outcome('a', 0.1, 0.5), outcome('b', 0.1, 0.4)];
    const [a, b] = drawn(svg(outcomes, [outcome('b', 0, 1)]));
    assert.deepEqual([a?.dots, b?.dots], [[], [['60.0', '36.0', '4']]]);
  });

  it('makes the first policy bolder, and lists policies in the order of the outcomes', () => {
    const outcomes = ['b', 'a', 'b'].map((name) => outcome(name, 0.1, 0.5));
    const lines = drawn(svg(outcomes, outcomes.slice(0, 2)));
    assert.deepEqual(
      lines.map(({ name, width, dots }) => [name, width, dots[0]?.[2]]),
      [
        ['b', '3', '5'],
        ['a', '1.5', '4'],
      ],
    );
  });

  it('gives nine policies colours of their own, and the tenth the first colour again', () => {
    const colours = drawn(svg(Array.from({ length: 10 }, (_, index) => outcome(`p${index}`, 0.1, 0.5)))).map(
      ({ colour }) => colour,
    );
    assert.equal(new Set(colours).size, 9);
    assert.equal(colours[9], colours[0]);
  });
});
