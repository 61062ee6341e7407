import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accountNode } from '../../src/account/node.ts';
import { renderFree } from '../../src/inspect/free.ts';
import { freeLines } from '../../src/inspect/free-lines.ts';
import { bytes } from '../../src/model/bytes.ts';
import { nodeOf } from '../report/reports.ts';

const kB = (n: number) => bytes(n * 1024);

const article = accountNode({
  ...{ memTotal: kB(264_420_684), memFree: kB(50_567_172), buffers: kB(2_095_364), cached: kB(175_733_516) },
  ...{ shmem: kB(71_822_688), swapTotal: kB(16_777_212), swapFree: kB(15_499_248) },
});

describe('free', () => {
  it('prints the table of the article, byte for byte', () =>
    assert.ok(
      renderFree(article).startsWith(
        `             total       used       free     shared    buffers     cached
Mem:     264420684  213853512   50567172   71822688    2095364  175733516
-/+ buffers/cache:   36024632  228396052
Swap:     16777212    1277964   15499248
`,
      ),
    ));

  it('prints the correct figures below the table', () => {
    const [, , , , blank, used, free, available, gap, ...sentence] = renderFree(article).split('\n');
    assert.deepEqual([blank, gap], ['', '']);
    assert.match(used ?? '', /^real used +107847320 +103Gi +40\.8% /);
    assert.match(free ?? '', /^real free +156573364 +149Gi +59\.2% /);
    assert.match(available ?? '', /^available +- +- +- /);
    assert.match(
      sentence.join(' '),
      /counts 68\.5Gi .* as free\. .* It shows 34\.4Gi used\. Real use is 103Gi\. $/,
    );
  });

  it('prints - for figures that the kernel does not report', () => {
    const lines = renderFree(nodeOf()).split('\n');
    assert.match(lines[1] ?? '', /^Mem: +0 +0 +0 +- +0 +0$/);
    assert.match(lines[3] ?? '', /^Swap: +- +- +-$/);
    assert.match(lines[5] ?? '', /^real used +- +- +- /);
    assert.equal(lines.length, 9);
  });

  it('prints - for free swap if used swap is unknown', () => {
    const lines = renderFree(nodeOf({ swapTotalBytes: 2048 })).split('\n');
    assert.match(lines[3] ?? '', /^Swap: +2 +- +-$/);
  });

  it('names ZFS and huge pages in real used, and their sources', () => {
    const held = { zfsCacheBytes: 16 * 1024 ** 3, zfsCacheDroppableBytes: 14 * 1024 ** 3 };
    const node = nodeOf({ realUsedBytes: 20 * 1024 ** 3, ...held });
    const text = renderFree(node, freeLines(node));
    assert.match(text, /^real used .*\n {2}includes 16Gi ZFS cache \(14Gi can be dropped\)\nreal free /m);
    assert.match(
      text,
      /^ZFS cache +16777216 +part of real used: size in \/proc\/spl\/kstat\/zfs\/arcstats$/m,
    );
    const pages = nodeOf({ realUsedBytes: 5, hugePagesBytes: 100 * 1024 ** 3 });
    assert.match(renderFree(pages), /^ {2}includes 100Gi set aside for huge pages$/m);
    assert.match(renderFree({ ...pages, hugePagesUsedBytes: bytes(0) }), /huge pages, 0 in use$/m);
  });

  it('prints faults in the files at the end, with control characters escaped', () => {
    const last = renderFree(article, [], ['/proc/meminfo:1: a\u001b[31m']).split('\n').slice(-3);
    assert.deepEqual(last, ['', 'Could not read: /proc/meminfo:1: a\\u001b[31m', '']);
  });

  it('rounds down to whole KiB, as free does', () =>
    assert.match(renderFree(nodeOf({ totalBytes: 2047 })), /^Mem: +1 /m));

  it('fits a terminal of 80 columns', () => {
    for (const line of renderFree(article).split('\n')) assert.ok([...line].length <= 80, line);
  });

  it('prints the source of each figure if asked', () => {
    const text = renderFree(article, freeLines(article));
    assert.match(text, /^total +264420684 +MemTotal$/m);
    assert.match(text, /^used +213853512 +total − free = 264420684 − 50567172$/m);
    assert.match(text, /^-\/\+ used +36024632 +used − buffers − cached = 213853512 − 2095364 − 175733516$/m);
    assert.match(
      text,
      /^-\/\+ free +228396052 +free \+ buffers \+ cached = 50567172 \+ 2095364 \+ 175733516$/m,
    );
    assert.match(text, /^real used +107847320 /m);
    assert.match(text, /^used, from 4\.0\.1 +- +total − available$/m);
  });

  it('prints the available memory that the kernel estimates', () =>
    assert.match(
      renderFree(nodeOf({ totalBytes: 4096, availableBytes: 1024 })),
      /^available +1 +1Ki +25\.0% /m,
    ));
});
