import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseQuantity } from '../../src/model/bytes.ts';
import {
  comment,
  memoryQuantities,
  nameOfRow,
  quantity,
  shellJson,
  sizesInWords,
  suggestedSizesComment,
} from '../../src/suggest/patch-text.ts';
import { anyText } from '../model/any-text.ts';
import { MiB, rowOf } from './made.ts';

describe('quantity', () => {
  it('takes the largest unit that divides the amount: Mi before M before Ki before bytes', () => {
    for (const [amount, text] of [
      [512 * MiB, '512Mi'],
      [100_000_000, '100M'],
      [MiB * 1_000_000, '1000000Mi'],
      [1536, '1536'],
      [3 * 1024, '3Ki'],
      [104_857_601, '104857601'],
      [1, '1'],
      [0, '0Mi'],
    ] as const)
      assert.equal(quantity(amount), text);
  });

  it('rounds part of a byte up', () => assert.equal(quantity(1000.25), '1001'));

  it('is a quantity of Kubernetes with exactly these bytes, for any whole amount', () =>
    fc.assert(
      fc.property(
        fc.oneof(
          fc.nat(),
          fc.maxSafeNat(),
          fc.nat(100_000).map((count) => count * MiB),
          fc.nat(100_000).map((count) => count * 1_000_000),
        ),
        (amount) => assert.equal(parseQuantity(quantity(amount)), amount),
      ),
    ));
});

describe('the sizes of a row', () => {
  it('are those that it sets, with 0 as a size', () => {
    const row = rowOf();
    assert.deepEqual(memoryQuantities({ ...row, request: 0, limit: 0 }), { request: '0Mi', limit: '0Mi' });
    const { request: _, limit, ...neither } = row;
    assert.deepEqual(memoryQuantities(neither), {});
    assert.deepEqual(memoryQuantities({ ...neither, limit: limit ?? 0 }), { limit: '200Mi' });
  });

  it('read as words, with one size alone', () => {
    const { request, ...row } = rowOf();
    assert.equal(sizesInWords({ ...row, request: request ?? 0 }), 'request 100Mi and limit 200Mi');
    assert.equal(sizesInWords(row), 'limit 200Mi');
  });

  it('are an indented comment for each row, by its container or "whole pod"', () => {
    const whole = rowOf({
      key: { container: '' },
      setting: { request: 1, limit: 1 },
      more: { isWholePod: true },
    });
    assert.equal(nameOfRow(whole), 'whole pod');
    assert.equal(
      suggestedSizesComment([rowOf(), whole]),
      '#   web: request 100Mi and limit 200Mi\n#   whole pod: request 100Mi and limit 200Mi\n',
    );
    assert.equal(suggestedSizesComment([]), '');
  });
});

describe('text for a shell', () => {
  it('is one line of comment for any text', () =>
    fc.assert(
      fc.property(anyText(), (text) => {
        const line = comment(text);
        assert.ok(line.startsWith('# ') && line.endsWith('\n'));
        assert.equal(line.slice(0, -1).search(/[\p{Cc}\u2028\u2029]/u), -1);
      }),
    ));

  it('is JSON in single quotes without another single quote, for any JSON', () =>
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = shellJson(value);
        assert.match(text, /^'[^']*'$/s);
        assert.equal(JSON.stringify(JSON.parse(text.slice(1, -1))), JSON.stringify(value));
      }),
    ));

  it('passes a shell as one word, with quotes, backslashes, variables and commands unchanged', () => {
    const value = { it: `it's "quoted" \\ $HOME \`id\` $(id) ; # \n` };
    const { stdout } = spawnSync('sh', ['-c', `printf %s ${shellJson(value)}`], { encoding: 'utf8' });
    assert.deepEqual(JSON.parse(stdout), value);
  });
});
