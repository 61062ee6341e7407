import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { flagOf, sourceOf, unreadValue } from '../../src/heap/flags.ts';
import { anyText } from '../model/any-text.ts';

const KiB = 1024;
const Mi = KiB ** 2;
const Gi = KiB ** 3;
const most = 2 ** 50;

/** Word, runtime, what it sets, amount. */
const known: readonly (readonly [string, string, string, number])[] = [
  ['-Xmx1', 'JVM', 'heap', 1],
  ['-Xmx64k', 'JVM', 'heap', 64 * KiB],
  ['-Xmx64K', 'JVM', 'heap', 64 * KiB],
  ['-Xmx64m', 'JVM', 'heap', 64 * Mi],
  ['-Xmx2G', 'JVM', 'heap', 2 * Gi],
  ['-Xmx1t', 'JVM', 'heap', KiB ** 4],
  ['-mx64m', 'JVM', 'heap', 64 * Mi],
  ['-XX:MaxHeapSize=64m', 'JVM', 'heap', 64 * Mi],
  ['-Xmx1024t', 'JVM', 'heap', most],
  ['-Xmx1025t', 'JVM', 'heap', most],
  ['-Xmx999999999999999t', 'JVM', 'heap', most],
  ['-XX:MaxRAMPercentage=75', 'JVM', 'share', 0.75],
  ['-XX:MaxRAMPercentage=12.5', 'JVM', 'share', 0.125],
  ['-XX:MaxRAMPercentage=100', 'JVM', 'share', 1],
  ['-XX:MaxRAMPercentage=999', 'JVM', 'share', 1],
  ['-XX:MaxRAMFraction=1', 'JVM', 'fraction', 1],
  ['-XX:MaxRAMFraction=4', 'JVM', 'fraction', 0.25],
  ['-XX:MaxRAM=1g', 'JVM', 'machine', Gi],
  ['-XX:MaxDirectMemorySize=64m', 'JVM', 'direct', 64 * Mi],
  ['@/opt/jvm.args', 'JVM', 'file', 0],
  [unreadValue, 'JVM', 'file', 0],
  ['-XX:Flags=/x', 'JVM', 'file', 0],
  ['-XX:VMOptionsFile=/x', 'JVM', 'file', 0],
  ['-Xoptionsfile=/x', 'JVM', 'file', 0],
  ['-Xmx@', 'JVM', 'file', 0],
  ['-XX:MaxRAMPercentage=@', 'JVM', 'file', 0],
  ['-XX:MaxDirectMemorySize=@', 'JVM', 'file', 0],
  ['--max-old-space-size=512', 'Node.js', 'old space', 512 * Mi],
  ['--max_old_space_size=512', 'Node.js', 'old space', 512 * Mi],
  ['-max-old_space-size=512', 'Node.js', 'old space', 512 * Mi],
  ['--max-heap-size=512', 'Node.js', 'heap', 512 * Mi],
  ['--max-semi-space-size=16', 'Node.js', 'semi-space', 16 * Mi],
  ['--max-old-space-size-percentage=50', 'Node.js', 'share', 0.5],
  ['--max-old-space-size-percentage=101', 'Node.js', 'share', 1],
  ['--@', 'Node.js', 'file', 0],
  ['--max-old-space-size=@', 'Node.js', 'file', 0],
  ['--max-old-space-size-percentage=@', 'Node.js', 'file', 0],
  ['DOTNET_GCHeapHardLimit=10000000', '.NET', 'heap', 256 * Mi],
  ['DOTNET_GCHeapHardLimit=0x10000000', '.NET', 'heap', 256 * Mi],
  ['dotnet_gcheaphardlimit=0XA', '.NET', 'heap', 10],
  ['DOTNET_GCHeapHardLimit=ffffffffffffffff', '.NET', 'heap', most],
  ['DOTNET_GCHeapHardLimitPercent=32', '.NET', 'share', 0.5],
  ['DOTNET_GCHeapHardLimitPercent=FF', '.NET', 'share', 1],
  ['COMPlus_GCHeapHardLimit=400', '.NET', 'legacy heap', KiB],
  ['COMPlus_GCHeapHardLimitPercent=19', '.NET', 'legacy share', 0.25],
  ['COMPlus_GCHeapHardLimit=@', '.NET', 'file', 0],
  ['DOTNET_GCHeapHardLimitPercent=@', '.NET', 'file', 0],
  ['GOMEMLIMIT=1024', 'Go', 'heap', KiB],
  ['GOMEMLIMIT=1024B', 'Go', 'heap', KiB],
  ['GOMEMLIMIT=1KiB', 'Go', 'heap', KiB],
  ['GOMEMLIMIT=256MiB', 'Go', 'heap', 256 * Mi],
  ['GOMEMLIMIT=2GiB', 'Go', 'heap', 2 * Gi],
  ['GOMEMLIMIT=1TiB', 'Go', 'heap', KiB ** 4],
  ['GOMEMLIMIT=999999999999999TiB', 'Go', 'heap', most],
  ['GOMEMLIMIT=@', 'Go', 'file', 0],
];

/** They look like flags of a heap, and no runtime takes them for one. */
const unknown = [
  ...[
    '',
    '-',
    '--',
    'java',
    '-Xmx',
    '-Xmxlots',
    '-Xmx-1',
    '-Xmx1.5g',
    '-Xmx1gb',
    '-Xmx1 g',
    '-Xmx1p',
    '-xmx1g',
  ],
  ...['--Xmx1g', ' -Xmx1g', '-Xmx1g ', '-Xmx1g\n', `-Xmx${'9'.repeat(16)}`, '-Xms1g', '-Xss1m', '-Xmn1g'],
  ...[
    '-XX:MaxRAMPercentage=',
    '-XX:MaxRAMPercentage=1000',
    '-XX:MaxRAMPercentage=.5',
    '-XX:MaxRAMPercentage=50%',
  ],
  ...[
    '-XX:MaxRAMFraction=0',
    '-XX:MaxRAMFraction=-1',
    '-XX:MinRAMPercentage=50',
    '-XX:InitialRAMPercentage=50',
  ],
  ...[
    '--max-old-space-size',
    '--max-old-space-size=1g',
    '--max-old-space-size=1234567890',
    '---max-heap-size=9',
  ],
  ...['-max-old-space-size-percentage=50', '--MAX-OLD-SPACE-SIZE=9', '--max-new-space-size=9'],
  ...['DOTNET_GCHeapHardLimit=', 'DOTNET_GCHeapHardLimit=xyz', 'DOTNET_GCHeapHardLimitPercent=100'],
  ...['DOTNET_GCHeapHardLimit=00000000000000001', 'DOTNET_GCHeapCount=4', 'GOMEMLIMIT=off', 'GOMEMLIMIT='],
  ...[
    'GOMEMLIMIT=1GB',
    'GOMEMLIMIT=1gib',
    'GOMEMLIMIT=1.5GiB',
    'gomemlimit=1GiB',
    'GOMEMLIMIT=-1',
    'GOGC=50',
  ],
];

describe('flagOf', () => {
  for (const [word, runtime, sets, amount] of known)
    it(`reads ${word} as ${sets} of ${runtime}`, () =>
      assert.deepEqual(flagOf(word), { runtime, sets, source: 'command', text: word, amount }));

  it('returns undefined for a word that caps no heap', () => {
    for (const word of unknown) assert.equal(flagOf(word), undefined, JSON.stringify(word));
  });

  it('returns undefined for a cap of 0, which to a runtime is none', () => {
    for (const word of [
      ...['-Xmx0', '-Xmx0g', '-XX:MaxRAMPercentage=0', '-XX:MaxRAMPercentage=0.0', '-XX:MaxRAM=0'],
      ...[
        '-XX:MaxDirectMemorySize=0',
        '--max-old-space-size=0',
        '--max-semi-space-size=000',
        'GOMEMLIMIT=0GiB',
      ],
      ...['DOTNET_GCHeapHardLimit=0x0', 'COMPlus_GCHeapHardLimitPercent=00', '_JAVA_OPTIONS=-Xmx0'],
    ])
      assert.equal(flagOf(word), undefined, word);
  });

  it('reads a flag behind the name of a variable, with its source and without its name', () => {
    for (const [variable, source] of [
      ['JAVA_TOOL_OPTIONS', 'JAVA_TOOL_OPTIONS'],
      ['JDK_JAVA_OPTIONS', 'JDK_JAVA_OPTIONS'],
      ['_JAVA_OPTIONS', '_JAVA_OPTIONS'],
      ['script', 'script'],
      ['JAVA_OPTS', 'script'],
      ['x', 'script'],
    ])
      assert.deepEqual(flagOf(`${variable}=-Xmx1m`), {
        ...{ runtime: 'JVM', sets: 'heap', source, text: '-Xmx1m', amount: Mi },
      });
    assert.equal(flagOf('NODE_OPTIONS=--max-heap-size=1')?.source, 'NODE_OPTIONS');
  });

  it('returns undefined for a flag of another runtime than the one that reads the variable', () => {
    for (const word of [
      ...[
        'NODE_OPTIONS=-Xmx1g',
        'JAVA_TOOL_OPTIONS=--max-heap-size=9',
        '_JAVA_OPTIONS=--max-old-space-size=9',
      ],
      ...['NODE_OPTIONS=GOMEMLIMIT=1GiB', '_JAVA_OPTIONS=DOTNET_GCHeapHardLimit=10'],
    ])
      assert.equal(flagOf(word), undefined, word);
    assert.equal(flagOf('script=--max-heap-size=9')?.runtime, 'Node.js');
  });

  it('takes an unread variable for a file of the runtime that reads it', () => {
    assert.deepEqual(
      ['NODE_OPTIONS=@', '_JAVA_OPTIONS=@', 'JAVA_OPTS=@'].map((word) => flagOf(word)?.runtime),
      ['Node.js', 'JVM', 'JVM'],
    );
  });

  it('returns undefined for what is no name of a variable', () => {
    for (const word of ['1X=-Xmx1g', 'A-B=-Xmx1g', '=-Xmx1g', 'A B=-Xmx1g', 'A=B=-Xmx1g'])
      assert.equal(flagOf(word), undefined, word);
  });

  it('returns an amount that a history can hold, or undefined, whatever the word', () => {
    const words = known.map(([word]) => word);
    const near = fc
      .tuple(
        fc.constantFrom(...words),
        fc.nat(40),
        fc.oneof(anyText({ maxLength: 3 }), fc.stringMatching(/^\d{1,17}$/)),
      )
      .map(([word, at, text]) => word.slice(0, at) + text + word.slice(at));
    fc.assert(
      fc.property(fc.oneof(near, anyText()), (word) => {
        const flag = flagOf(word);
        if (flag === undefined) return;
        assert.ok(flag.amount >= 0 && flag.amount <= most, `${flag.amount}`);
        assert.equal(flag.amount === 0, flag.sets === 'file');
        if (flag.sets === 'share' || flag.sets === 'fraction') assert.ok(flag.amount <= 1);
        assert.ok(word.endsWith(flag.text));
        assert.deepEqual(flagOf(word), flag);
      }),
    );
  });
});

it('sourceOf is the variable that a runtime reads, and script for any other', () => {
  for (const name of ['JAVA_TOOL_OPTIONS', 'JDK_JAVA_OPTIONS', '_JAVA_OPTIONS', 'NODE_OPTIONS'])
    assert.equal(sourceOf(name), name);
  for (const name of ['', 'script', 'command', 'JAVA_OPTS', 'java_tool_options', 'constructor'])
    assert.equal(sourceOf(name), 'script', name);
});
