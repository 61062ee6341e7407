import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { sumsOf } from '../../src/inspect/process-sums.ts';
import { type Ps, psForms, renderPs } from '../../src/inspect/ps.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { Processes, ProcessMemory } from '../../src/model/process.ts';
import { anyText } from '../model/any-text.ts';

const Mi = 1024 ** 2;
const one: ProcessMemory = {
  ...{
    pid: 7,
    command: 'server',
    vszBytes: bytes(90 * Mi),
    rssBytes: bytes(50 * Mi),
    sharedBytes: bytes(20 * Mi),
  },
  ...{ anonBytes: bytes(30 * Mi), fileBytes: bytes(20 * Mi), shmemBytes: bytes(0), pssBytes: bytes(40 * Mi) },
  swapBytes: bytes(0),
};

function psOf(processes: readonly ProcessMemory[], more: Partial<Processes> = {}): Ps {
  return {
    ...{ name: 'shop/cart/cart', cgroup: '/a', where: 'cgroup v2', sums: sumsOf(processes) },
    usage: {
      ...{ usageBytes: bytes(90 * Mi), realBytes: bytes(60 * Mi), shmemBytes: bytes(8 * Mi) },
      ...{ kernelBytes: bytes(2 * Mi), sockBytes: bytes(0) },
    },
    processes: { processes, gone: 0, unseen: 0, faults: [], ...more },
  };
}

const table = (ps: Ps, headers = true): string => renderPs(ps, 'table', headers, 80);

describe('renderPs', () => {
  it('sorts processes by RSS, and prints their sums below', () => {
    const text = table(psOf([one, { ...one, pid: 8, rssBytes: bytes(60 * Mi) }]));
    assert.match(text, /^PID +VSZ +RSS +SHARED +PSS +COMMAND$/m);
    assert.match(
      text,
      /^ +8 +90Mi +60Mi +20Mi +40Mi +server\n +7 +90Mi +50Mi .*\n +180Mi +110Mi +40Mi +80Mi +sum$/m,
    );
  });

  it('prints only the processes with --no-headers', () =>
    assert.equal(table(psOf([one]), false), '7   90Mi   50Mi   20Mi   40Mi   server\n'));

  it('prints the parts of RSS with -o wide', () =>
    assert.match(
      renderPs(psOf([one]), 'wide', true, 120),
      /ANON +FILE +SHMEM +SWAP +COMMAND\n +7 .* 30Mi +20Mi +0 +0 +server$/m,
    ));

  it('says why the sum differs from the cgroup', () => {
    const text = table(psOf([one, { ...one, pid: 8 }]));
    assert.match(text, /RSS adds up to 100Mi, but the real memory of the cgroup is 60Mi: 40Mi less\./);
    assert.match(
      text,
      /In RSS but not in real:\n {2}40Mi of mapped files .*\n {2}20Mi counted more than once/,
    );
    assert.match(
      text,
      /In real but in no RSS:\n {2}8Mi of tmpfs that no process maps .*\n {2}2Mi of kernel memory/,
    );
  });

  it('says that a cgroup has no processes', () =>
    assert.match(table(psOf([])), /This cgroup has no processes\./));

  it('prints - for a sum with an unknown summand, and says how many are unknown', () => {
    const { pssBytes: _, ...unread } = one;
    const text = table(psOf([one, { ...unread, pid: 8 }, { pid: 9, command: 'gone', none: true }]));
    assert.match(text, /^ +180Mi +100Mi +40Mi +- +sum$/m);
    assert.match(text, /PSS is unknown for 1 of 3 processes/);
    assert.match(text, /^ +9 +- +- +- +- +gone$/m);
  });

  it('says which processes are missing', () => {
    const text = table(psOf([one], { gone: 2, unseen: 3, faults: ['/proc/7/maps: expected x, got y', 'z'] }));
    assert.match(text, /^Ended before realmem could read them: 2\.$/m);
    assert.match(text, /^3 more are in another PID namespace/m);
    assert.match(text, /^\/proc\/7\/maps: expected x, got y \(and 1 more\)$/m);
  });

  it('prints the same data as JSON and as YAML', () => {
    const ps = psOf([one], { gone: 1 });
    const found = JSON.parse(renderPs(ps, 'json', true, 80));
    assert.deepEqual(found.processes, [one]);
    assert.equal(found.sums.rssBytes, 50 * Mi);
    assert.deepEqual(parse(renderPs(ps, 'yaml', true, 80)), found);
  });

  it('escapes control characters in names, in every format', () =>
    fc.assert(
      fc.property(anyText({ maxLength: 15 }), fc.constantFrom(...psForms), (command, form) => {
        const shown = renderPs({ ...psOf([{ ...one, command }]), name: command }, form, true, 80);
        assert.doesNotMatch(shown.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    ));
});
