import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { heapCapOf, heapFlagsOf } from '../../src/identify/heap.ts';
import { podsOf } from '../../src/identify/pods.ts';
import { reducePods } from '../../src/identify/reduce.ts';
import type { HeapCap } from '../../src/model/pod.ts';

const Mi = 1024 ** 2;
const env = (name: string, value: string) => ({ env: [{ name, value }] });
const capOf = (container: object) =>
  heapCapOf(heapFlagsOf(container as Record<string, unknown>)) as HeapCap | undefined;

describe('the cap of a heap', () => {
  it('is what the container’s definition says', () => {
    const known: readonly (readonly [object, object])[] = [
      [
        { command: ['java', '-Xmx512m', '-jar', 'a.jar'] },
        { runtime: 'JVM', by: '-Xmx512m', bytes: 512 * Mi },
      ],
      [
        { command: ['sh', '-c', 'exec java -Xmx2G -jar a.jar'] },
        { runtime: 'JVM', by: '-Xmx2G', bytes: 2048 * Mi },
      ],
      [env('JAVA_TOOL_OPTIONS', '-Xms64m -Xmx65536k'), { runtime: 'JVM', by: '-Xmx65536k', bytes: 64 * Mi }],
      [
        env('JDK_JAVA_OPTIONS', '-XX:MaxRAMPercentage=75.0'),
        { runtime: 'JVM', by: '-XX:MaxRAMPercentage=75.0', share: 0.75 },
      ],
      [{ command: ['/usr/bin/java', '-jar', 'a.jar'] }, { runtime: 'JVM', share: 0.25 }],
      [env('JAVA_OPTS', '-Dkey=value'), { runtime: 'JVM', share: 0.25 }],
      [
        env('NODE_OPTIONS', '--max-old-space-size=300'),
        { runtime: 'Node.js', by: '--max-old-space-size=300', bytes: 300 * Mi },
      ],
      [env('GOMEMLIMIT', '256MiB'), { runtime: 'Go', by: 'GOMEMLIMIT=256MiB', bytes: 256 * Mi }],
      [
        env('DOTNET_GCHeapHardLimit', '0x10000000'),
        { runtime: '.NET', by: 'DOTNET_GCHeapHardLimit=0x10000000', bytes: 256 * Mi },
      ],
      [
        env('DOTNET_GCHeapHardLimitPercent', '4B'),
        { runtime: '.NET', by: 'DOTNET_GCHeapHardLimitPercent=4B', share: 0.75 },
      ],
    ];
    for (const [container, cap] of known) assert.deepEqual(capOf(container), cap);
  });

  it('is the last of several, and one in bytes before one in per cent', () => {
    assert.equal(capOf({ args: ['-Xmx1g', '-Xmx2g'] })?.by, '-Xmx2g');
    assert.equal(capOf({ args: ['-Xmx1g', '-XX:MaxRAMPercentage=50'] })?.by, '-Xmx1g');
  });

  it('is unknown where nothing tells, or what tells comes from elsewhere', () => {
    for (const container of [
      {},
      { command: ['nginx'] },
      { command: 'java' },
      { env: [null, 1, { name: 'JAVA_OPTS', valueFrom: {} }] },
      env('GOMEMLIMIT', 'off'),
      { args: ['--javaagent', '-Xmxlots', 'xjava'] },
    ])
      assert.equal(capOf(container), undefined, JSON.stringify(container));
  });

  it('is all that is kept of command and environment', () => {
    const container = {
      name: 'web',
      command: ['java', '-Dpassword=hunter2', '-Xmx512m'],
      env: [
        { name: 'TOKEN', value: 'hunter2' },
        { name: 'JAVA_OPTS', value: '-Dtoken=hunter2 -Xmx1g' },
      ],
    };
    const pod = {
      kind: 'Pod',
      metadata: { uid: 'u', namespace: 'n', name: 'p' },
      spec: { containers: [container] },
    };
    const reduced = reducePods({ items: [pod] });
    assert.doesNotMatch(JSON.stringify(reduced), /hunter2/);
    const [whole, less] = [{ items: [pod] }, reduced].map(
      (list) => podsOf('it', list).pods[0]?.containers[0]?.heap,
    );
    assert.deepEqual(less, { runtime: 'JVM', by: '-Xmx1g', bytes: 1024 * Mi });
    assert.deepEqual(whole, less);
  });

  it('is unknown where more is written than is read: what is last could be anywhere', () => {
    const filler = 'x'.repeat(9_000);
    for (const container of [
      { args: [filler] },
      { command: ['java', '-Xmx1g'], args: [filler, '-Xmx2g'] },
      { command: ['java', '-Xmx1g'], ...env('OTHER', filler) },
      { command: ['java', '-Xmx1g'], ...env(filler, 'x') },
      { args: Array.from({ length: 2_000 }, () => '-Xmx512m') },
    ]) {
      assert.deepEqual(capOf(container), { runtime: 'unknown' });
      const flags = heapFlagsOf(container as Record<string, unknown>);
      assert.ok(flags.join('').length <= 8 * 1024 + 1);
      // What a recording keeps of it tells the same, and stays what it is.
      assert.deepEqual(capOf({ heapFlags: flags }), { runtime: 'unknown' });
      assert.deepEqual(heapFlagsOf({ heapFlags: flags }), flags);
    }
    assert.deepEqual(capOf({ heapFlags: Array.from({ length: 2_000 }, () => '-Xmx1g') }), {
      runtime: 'unknown',
    });
    assert.equal(capOf({ args: ['x'.repeat(8_000), '-Xmx1g'] })?.by, '-Xmx1g');
  });
});
