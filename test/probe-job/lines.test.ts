import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { longestLine, parseLine } from '../../src/probe-job/lines.ts';
import { progress, result } from './made.ts';

const { answer } = result;
const lineOf = (value: unknown): string => JSON.stringify(value);
const changed = (change: object): string =>
  lineOf({ result: { ...result, answer: { ...answer, ...change } } });

describe('a line of a probe in its pod', () => {
  it('is its result, its progress, or an error', () => {
    assert.deepEqual(parseLine(lineOf({ result })), { result });
    assert.deepEqual(parseLine(lineOf({ progress })), { progress });
    assert.deepEqual(parseLine('error: x: expected a container'), { error: 'x: expected a container' });
  });

  it('is accepted with fields of a newer probe', () => {
    assert.ok(parseLine(lineOf({ result: { ...result, more: 1 } })));
    assert.deepEqual(parseLine(changed({ stalledShare: 0.01, majorFaults: 3 })), {
      result: { ...result, answer: { ...answer, stalledShare: 0.01, majorFaults: 3 } },
    });
  });

  it('has its texts escaped: anybody could be the pod', () => {
    const hostile = parseLine(lineOf({ result: { ...result, where: '\u001b[2J' } }));
    assert.ok(hostile !== undefined && 'result' in hostile);
    assert.equal(hostile.result.where, '\\u001b[2J');
    assert.deepEqual(parseLine('error: \u001b[2J'), { error: '\\u001b[2J' });
  });

  for (const [what, line] of [
    ['a warning of Node', '(node:1) Warning: x'],
    ['nothing', ''],
    ['JSON that is cut', lineOf({ result }).slice(0, -1)],
    ['another object', '{}'],
    ['a result without an answer', lineOf({ result: { ...result, answer: undefined } })],
    ['a negative size', changed({ needsBytes: -1 })],
    ['a size that is a text', changed({ needsBytes: '40' })],
    [
      'a size that JSON cannot hold',
      changed({ needsBytes: 7 }).replace('"needsBytes":7', '"needsBytes":1e999'),
    ],
    ['an unknown reason', changed({ stopped: 'toString' })],
    ['a curve of a thousand and one points', changed({ curve: Array(1001).fill(answer.curve[0]) })],
    ['a broken point', changed({ curve: [null] })],
    ['progress without a size', lineOf({ progress: { ...progress, cacheBytes: null } })],
    ['JSON of 200 levels', `${'{"result":'.repeat(200)}1${'}'.repeat(200)}`],
    ['a line that is too long', `{"result":"${'x'.repeat(longestLine)}"}`],
  ] as const)
    it(`is ignored if it is ${what}`, () => assert.equal(parseLine(line), undefined));

  it('has an error cut to 1024 characters', () => {
    const line = parseLine(`error: ${'x'.repeat(5_000)}`);
    assert.ok(line !== undefined && 'error' in line);
    assert.equal(line.error.length, 1024);
  });
});
