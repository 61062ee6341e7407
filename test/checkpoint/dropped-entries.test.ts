/** What a checkpoint says of the entries that it lost. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aggregateOf, at, changed } from './recorded.ts';

describe('the line about the first dropped entry', () => {
  it('is escaped, and has at most 240 characters', () => {
    const read = changed(({ workloads: [first] }) => {
      if (first === undefined) return;
      first[0] = '\u001b[2J'.repeat(99);
      first[3]['r'] = [['p', 1, 7]];
    });
    assert.ok((read.dropped?.first?.length ?? 999) <= 240);
    assert.match(read.dropped?.first ?? '', /^\\u001b\[2J.*…: r\[0\]: expected a time at 2, got 7$/);
  });

  it('is the first of several, with their number', () => {
    const read = changed((_, one) => {
      one['r'] = [[7], ['p', 1, at], [8]];
    });
    assert.equal(read.dropped?.count, 2);
    assert.match(read.dropped?.first ?? '', /: r\[0\]: expected a text at 0, got 7$/);
    assert.equal(aggregateOf(read).replicas.length, 1);
  });
});
