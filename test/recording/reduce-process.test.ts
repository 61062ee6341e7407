import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { reduceProcessFile } from '../../src/recording/reduce-process.ts';

const reduced = (file: string, text: string): string | undefined => {
  const made = reduceProcessFile(file, Buffer.from(text));
  return made && Buffer.from(made).toString();
};

describe('reduceProcessFile', () => {
  it('keeps the name and the memory, and removes users and addresses', () => {
    const status = reduced('status', fs.readFileSync('/proc/self/status', 'utf8')) ?? '';
    assert.match(status, /^Name:\t/);
    assert.match(status, /^VmRSS:\t\s*\d+ kB$/m);
    assert.doesNotMatch(status, /^(?:Uid|Gid|Groups|CapEff|Seccomp):/m);
  });

  it('keeps the number of fields in stat, with zeros after the resident set', () => {
    const stat = fs.readFileSync('/proc/self/stat', 'utf8');
    const made = reduced('stat', stat) ?? '';
    const fields = (text: string): readonly string[] =>
      text
        .slice(text.lastIndexOf(')') + 2)
        .trim()
        .split(' ');
    assert.equal(fields(made).length, fields(stat).length);
    assert.deepEqual(fields(made).slice(0, 22), fields(stat).slice(0, 22));
    assert.ok(
      fields(made)
        .slice(22)
        .every((field) => field === '0'),
    );
  });

  it('keeps the sums of smaps_rollup, and zeros the addresses of its first line', () => {
    const text =
      '55d0a0-7ffc00 ---p 00000000 00:00 0                          [rollup]\nRss:  5 kB\nPss:  4 kB\n';
    assert.equal(
      reduced('smaps_rollup', text),
      '00000000-00000000 ---p 00000000 00:00 0                          [rollup]\nRss:  5 kB\nPss:  4 kB\n',
    );
  });

  it('returns undefined for a file of another form', () => {
    for (const file of ['cmdline', 'environ', 'maps', 'constructor'])
      assert.equal(reduced(file, 'secret'), undefined);
    assert.equal(reduced('statm', 'secret'), undefined);
    assert.equal(reduced('stat', 'secret'), undefined);
  });

  it('gives a file or undefined for any bytes', () =>
    fc.assert(
      fc.property(
        fc.uint8Array(),
        fc.constantFrom('stat', 'status', 'statm', 'smaps_rollup', 'cgroup'),
        (text, file) => void reduceProcessFile(file, text),
      ),
    ));
});
