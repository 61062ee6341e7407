/** The start time of a process, from `/proc/<pid>/stat`. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseStart } from '../../src/probe/target.ts';

const line = (name: string): Uint8Array =>
  new TextEncoder().encode(
    `17112 (${name}) R 17101 17101 3024 0 -1 4194304 99 0 0 0 0 0 0 0 20 0 1 0 1562078 3133440 362\n`,
  );

describe('parseStart', () => {
  it('returns the seconds from boot to the start', () => assert.equal(parseStart(line('cat')), 15_620.78));

  it('is not misled by a name with brackets and numbers', () =>
    assert.equal(parseStart(line(') R 1 (2) 3 4 5')), 15_620.78));

  it('is undefined for another text', () => {
    assert.equal(parseStart(new Uint8Array()), undefined);
    assert.equal(parseStart(new TextEncoder().encode('1 (a) R 2\n')), undefined);
  });
});
