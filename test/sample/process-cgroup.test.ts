import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseProcessCgroup, parseProcs } from '../../src/sample/process-cgroup.ts';
import { bytesOf, faultOf, valueOrFault } from '../any-bytes.ts';

const hybrid = '9:name=systemd:/a\n4:cpu,memory:/docker/b:c\n0::/user.slice\n';

const parse = (text: string, version: 1 | 2) => parseProcessCgroup('/proc/7/cgroup', bytesOf(text), version);

describe('parseProcessCgroup', () => {
  it('finds the memory hierarchy: its controller on v1, hierarchy 0 on v2', () => {
    assert.equal(parse(hybrid, 1), '/docker/b:c');
    assert.equal(parse(hybrid, 2), '/user.slice');
  });

  it('returns undefined if there is none', () => {
    assert.equal(parse('0::/\n', 1), undefined);
    assert.equal(parse('4:memory:/\n', 2), undefined);
    assert.equal(parse('', 2), undefined);
  });

  for (const line of ['memory:/a', 'x:memory:/a', '4:memory', '4:memory:a'])
    it(`rejects the line ${line}`, () =>
      assert.equal(faultOf(() => parse(`0::/\n${line}\n`, 2)).detail.line, 2));

  it('gives a value or a located error for any bytes', () =>
    valueOrFault(
      hybrid,
      (file, text) => parseProcessCgroup(file, text, 1),
      () => [],
    ));
});

describe('parseProcs', () => {
  const procs = (text: string) => parseProcs('/a/cgroup.procs', bytesOf(text));

  it('returns one PID per line', () => {
    assert.deepEqual(procs('1\n4194304\n'), [1, 4194304]);
    assert.deepEqual(procs(''), []);
  });

  it('returns 0 for a process of another PID namespace', () =>
    assert.deepEqual(procs('0\n0\n7\n'), [0, 0, 7]));

  for (const line of ['x', '-1', '1 2', '12345678901'])
    it(`rejects the line ${line}`, () => assert.equal(faultOf(() => procs(`1\n${line}\n`)).detail.line, 2));

  it('gives values or a located error for any bytes', () =>
    valueOrFault('1\n22\n333\n', parseProcs, (pids) => pids));
});
