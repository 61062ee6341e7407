import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { heapCapOf } from '../../src/heap/heap.ts';
import { heapFlagsOf } from '../../src/heap/words.ts';
import type { HeapCap } from '../../src/model/pod.ts';
import { podsOf } from '../../src/pods/pods.ts';
import { reducePods } from '../../src/recording/reduce-pods.ts';

const Mi = 1024 ** 2;
const env = (name: string, value: string) => ({ env: [{ name, value }] });
const capOf = (container: object) =>
  heapCapOf(heapFlagsOf(container as Record<string, unknown>)) as HeapCap | undefined;

describe('heapCapOf', () => {
  it('reads the cap from the definition of the container', () => {
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

  it('takes the last of several flags, and bytes before a percentage', () => {
    assert.equal(capOf({ args: ['-Xmx1g', '-Xmx2g'] })?.by, '-Xmx2g');
    assert.equal(capOf({ args: ['-Xmx1g', '-XX:MaxRAMPercentage=50'] })?.by, '-Xmx1g');
  });

  it('ignores a flag with the value 0', () => {
    for (const value of ['0', '0x0']) assert.equal(capOf(env('DOTNET_GCHeapHardLimit', value)), undefined);
    assert.equal(capOf(env('GOMEMLIMIT', '0')), undefined);
    const java = { command: ['java', '-Xmx1g', '-XX:MaxDirectMemorySize=0', '-jar', 'a.jar'] };
    assert.deepEqual(capOf(java), { runtime: 'JVM', by: '-Xmx1g', bytes: 1024 * Mi });
  });

  it('reads sixteen hexadecimal digits', () =>
    assert.equal(capOf(env('DOTNET_GCHeapHardLimit', '0x0000000010000000'))?.bytes, 256 * Mi));

  it('ignores a flag inside the quoted value of another option', () => {
    for (const value of ['-Xmx300m -Dx="a -Xmx9g"', "-Xmx300m '-Dx=a -Xmx9g'", '"-Xmx300m" -Dx="a -Xmx9g b"'])
      assert.equal(capOf(env('JAVA_TOOL_OPTIONS', value))?.by, '-Xmx300m', value);
    assert.equal(capOf({ command: ['sh', '-c', `java -Xmx300m -Dx='-Xmx9g b' -jar a.jar`] })?.by, '-Xmx300m');
  });

  it('ignores the arguments that a JVM passes to its main class', () => {
    for (const start of [['-cp', 'a.jar', 'com.example.Main'], ['-m', 'app/com.example.Main'], ['org.Main']])
      assert.equal(capOf({ command: ['java', '-Xmx1g', ...start, '-Xmx9g'] })?.by, '-Xmx1g', start.join(' '));
    assert.equal(capOf({ command: ['java', '-cp', 'lib.app', '-Xmx1g', 'com.Main'] })?.by, '-Xmx1g');
  });

  it('ignores the arguments of a main class without a package, if command is an array', () => {
    for (const start of [
      ['Main'],
      ['-cp', 'app.jar', 'Main'],
      ['--class-path', 'app', '-ea', 'Main'],
      ['-p', 'mods', '--add-modules', 'java.sql', 'Main'],
      ['--limit-modules', 'java.base', 'Main'],
      ['Main.java'],
      ['/app/Main.java'],
    ]) {
      const command = ['java', '-Xmx256m', ...start, '-Xmx9g'];
      assert.equal(capOf({ command })?.by, '-Xmx256m', start.join(' '));
      assert.equal(capOf({ command: ['tini', '--', ...command] })?.by, '-Xmx256m', start.join(' '));
      assert.equal(capOf({ command: command.slice(0, 2), args: command.slice(2) })?.by, '-Xmx256m');
    }
  });

  it('reads flags after the value of an option, which is not a main class', () => {
    for (const before of [
      ['-cp', 'app'],
      ['-p', 'mods'],
      ['--add-modules', 'ALL-SYSTEM'],
      ['--source', '21'],
      ['-cp', 'a dir/lib'],
      ['-Dtitle=a b'],
      ['-Dtitle=a b.c'],
    ])
      assert.equal(
        capOf({ command: ['java', ...before, '-Xmx1g', 'Main', '-Xmx9g'] })?.by,
        '-Xmx1g',
        before.join(' '),
      );
    assert.equal(capOf({ command: ['sh', '-c', 'java -cp "a b" -Xmx1g Main'] })?.by, '-Xmx1g');
  });

  it('is undefined without a readable flag', () => {
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

  it('reads the cap of each recorded pod', () => {
    const file = new URL('../../fixtures/pods/heap-flags.json', import.meta.url);
    const { pods } = podsOf('it', JSON.parse(fs.readFileSync(file, 'utf8')));
    const caps = pods.map(({ name, containers: [container] }) => {
      const { runtime, bytes, besideBytes = 0, share } = (container?.heap ?? {}) as Partial<HeapCap>;
      return [name.slice(0, 1), runtime, bytes === undefined ? share : (bytes + besideBytes) / Mi];
    });
    assert.deepEqual(caps, [
      ['a', 'JVM', 1536],
      ['b', 'JVM', 1536],
      ['c', 'JVM', 1536],
      ['d', 'Node.js', 1536],
      ['e', 'JVM', 1536],
      ['f', 'JVM', 1536],
      ['g', 'JVM', 1792],
      ['h', undefined, undefined],
      ['i', undefined, undefined],
      ['j', 'Node.js', 1536],
    ]);
  });

  const capsOf = (cases: readonly (readonly [object, string | undefined, number?, number?])[]) => {
    for (const [container, by, amount, beside] of cases) {
      const flags = heapFlagsOf(container as Record<string, unknown>);
      const cap = heapCapOf(flags) as HeapCap | undefined;
      const where = `${JSON.stringify(container)} → ${JSON.stringify(flags)}`;
      assert.equal(cap?.by, by, where);
      if (amount !== undefined) assert.equal(amount < 2 ? cap?.share : cap?.bytes, amount, where);
      if (beside !== undefined) assert.equal(cap?.besideBytes, beside, where);
      // A recording keeps only these words.
      assert.deepEqual(heapFlagsOf({ heapFlags: flags }), flags, where);
    }
  };
  const variables = (values: Record<string, string>, ...command: string[]) => ({
    command,
    env: Object.entries(values).map(([name, value]) => ({ name, value })),
  });

  it('orders JVM flags as HotSpot does: variables of its own, the command line, then _JAVA_OPTIONS', () =>
    capsOf([
      [variables({ JAVA_TOOL_OPTIONS: '-Xmx256m' }, 'java', '-Xmx1536m', '-jar', 'a.jar'), '-Xmx1536m'],
      [variables({ JDK_JAVA_OPTIONS: '-Xmx256m' }, 'java', '-Xmx1536m', '-jar', 'a.jar'), '-Xmx1536m'],
      [variables({ _JAVA_OPTIONS: '-Xmx256m' }, 'java', '-Xmx1536m'), '-Xmx256m'],
      [variables({ _JAVA_OPTIONS: '-Xmx1536m' }, 'java', '-Xmx256m'), '-Xmx1536m'],
      [variables({ JDK_JAVA_OPTIONS: '-Xmx256m', JAVA_TOOL_OPTIONS: '-Xmx1g' }, 'java'), '-Xmx256m'],
      [variables({ JAVA_TOOL_OPTIONS: '"-Xmx300m" -Xss1m' }, 'java'), '-Xmx300m'],
      [variables({}, 'java', '-Xmx1g', '-XX:MaxHeapSize=512m'), '-XX:MaxHeapSize=512m', 512 * Mi],
      [variables({}, 'java', '-Xmx2g', '-Xmx1g', '-Xmx2g', '-Xmx1g'), '-Xmx1g'],
      [variables({}, 'java', '-mx300m'), '-mx300m', 300 * Mi],
    ]));

  it('uses the share of the limit for a JVM only if no flag sets bytes', () =>
    capsOf([
      [variables({ JAVA_TOOL_OPTIONS: '-Xmx256m' }, 'java', '-XX:MaxRAMPercentage=50'), '-Xmx256m'],
      [variables({ _JAVA_OPTIONS: '-XX:MaxRAMPercentage=50' }, 'java', '-Xmx256m'), '-Xmx256m'],
      [variables({}, 'java', '-XX:MaxRAMFraction=2'), '-XX:MaxRAMFraction=2', 0.5],
      [
        variables({}, 'java', '-XX:MaxRAMPercentage=10', '-XX:MaxRAMFraction=2'),
        '-XX:MaxRAMPercentage=10',
        0.1,
      ],
      [variables({}, 'java', '-XX:InitialRAMPercentage=50'), undefined, 0.25],
      [variables({}, 'java', '-XX:MaxRAM=1g'), '-XX:MaxRAM=1g', 256 * Mi],
      [variables({}, 'java', '-XX:MaxRAM=200m'), '-XX:MaxRAM=200m', 100 * Mi],
      [
        variables({}, 'java', '-XX:MaxRAM=1g', '-XX:MaxRAMPercentage=50'),
        '-XX:MaxRAM=1g -XX:MaxRAMPercentage=50',
        512 * Mi,
      ],
    ]));

  it('adds the direct memory of a JVM', () =>
    capsOf([
      [
        variables({ JAVA_TOOL_OPTIONS: '-XX:MaxDirectMemorySize=1536m' }, 'java', '-Xmx256m'),
        '-Xmx256m -XX:MaxDirectMemorySize=1536m',
        256 * Mi,
        1536 * Mi,
      ],
      [
        variables({}, 'java', '-XX:MaxDirectMemorySize=1g', '-XX:MaxRAMPercentage=50'),
        '-XX:MaxRAMPercentage=50',
        0.5,
      ],
    ]));

  it('takes the largest flag that a script may pass to a JVM', () =>
    capsOf([
      [
        variables(
          { JAVA_OPTS: '-Xmx1536m', JAVA_TOOL_OPTIONS: '-Xmx256m' },
          'sh',
          '-c',
          'exec java $JAVA_OPTS',
        ),
        '-Xmx1536m',
      ],
      [variables({ JAVA_OPTS: '-Xmx256m' }, 'sh', '-c', `java -Xmx1g \${JAVA_OPTS} -jar a.jar`), '-Xmx256m'],
      [variables({ JAVA_OPTS: '-Xmx256m' }, 'sh', '-c', 'java $JAVA_OPTS -Xmx1g -jar a.jar'), '-Xmx1g'],
      [variables({}, 'sh', '-c', `exec java \${OPTS:--Xmx1g} -jar a.jar`), '-Xmx1g'],
      [variables({ HEAP: '1g', JAVA_OPTS: '-Xmx$(HEAP)' }, 'sh', '-c', 'java $JAVA_OPTS'), '-Xmx1g'],
      [variables({ HEAP: '1g' }, 'java', '-Xmx$(HEAP)', '-jar', 'a.jar'), '-Xmx1g'],
      [variables({ KAFKA_HEAP_OPTS: '-Xms1g -Xmx1g', JAVA_TOOL_OPTIONS: '-Xmx256m' }, 'run.sh'), '-Xmx1g'],
      [variables({ A: '-Xmx1g', B: '-Xmx2g', C: '-Xmx512m' }, 'run.sh'), '-Xmx2g'],
      [variables({ A: '-Xmx1g', _JAVA_OPTIONS: '-Xmx512m' }, 'run.sh'), '-Xmx512m'],
      [
        variables({ JAVA_OPTS: '-Xmx256m', JAVA_TOOL_OPTIONS: '-XX:MaxRAMPercentage=75' }, 'run.sh'),
        '-XX:MaxRAMPercentage=75',
        0.75,
      ],
      [variables({ JAVA_OPTS: '-Xmx1g -XX:MaxRAMPercentage=75' }, 'run.sh'), '-Xmx1g'],
      [
        variables({ JAVA_TOOL_OPTIONS: '-Xmx256m' }, 'sh', '-c', 'export JAVA_TOOL_OPTIONS=-Xmx1g; run'),
        '-Xmx1g',
      ],
      // Without a script nothing passes on such a variable.
      [variables({ JAVA_OPTS: '-Xmx2g' }, 'java', '-Xmx1g'), '-Xmx1g'],
    ]));

  it('ignores what a program passes to its application', () =>
    capsOf([
      [variables({}, 'java', '-Xmx1g', '-jar', 'a.jar', '-Xmx64m'), '-Xmx1g'],
      [
        variables({}, 'node', '--max-old-space-size=512', 'app.js', '--max-old-space-size=64'),
        '--max-old-space-size=512',
      ],
      [
        variables({}, 'node', '-r', './trace.js', '--max-old-space-size=512', 'app.js'),
        '--max-old-space-size=512',
      ],
      [variables({}, 'sh', '-c', 'node check.js; java -Xmx1g -jar a.jar'), '-Xmx1g'],
    ]));

  it('orders Node.js flags as V8 does: NODE_OPTIONS, then the command line', () =>
    capsOf([
      [
        variables(
          { NODE_OPTIONS: '--max-old-space-size=256' },
          'node',
          '--max-old-space-size=1536',
          'app.js',
        ),
        '--max-old-space-size=1536',
        1536 * Mi,
      ],
      [
        variables({ NODE_OPTIONS: '--max_old-space_size=256' }, 'npm', 'start'),
        '--max_old-space_size=256',
        256 * Mi,
      ],
      [variables({}, 'node', '--max-heap-size=1536', 'app.js'), '--max-heap-size=1536', 1536 * Mi],
      [
        variables({ NODE_OPTIONS: '--max-old-space-size=256' }, 'node', '--max-heap-size=1536', 'app.js'),
        '--max-old-space-size=256 --max-heap-size=1536',
        1792 * Mi,
      ],
      [
        variables({}, 'node', '--max-old-space-size=256', '--max-semi-space-size=128', 'app.js'),
        '--max-old-space-size=256 --max-semi-space-size=128',
        640 * Mi,
      ],
      [variables({}, 'node', '--max-semi-space-size=128', 'app.js'), undefined],
      [
        variables(
          { NODE_OPTIONS: '--max-old-space-size-percentage=50' },
          'node',
          '--max-old-space-size=256',
          'a.js',
        ),
        '--max-old-space-size-percentage=50',
        0.5,
      ],
      [
        variables({}, 'node', '--max-old-space-size-percentage', '50', 'app.js'),
        '--max-old-space-size-percentage=50',
        0.5,
      ],
      [
        variables(
          { NODE_OPTIONS: '--max-old-space-size=64' },
          'sh',
          '-c',
          'NODE_OPTIONS=--max-old-space-size=512 next',
        ),
        '--max-old-space-size=512',
      ],
    ]));

  it('prefers DOTNET_ to COMPlus_, and bytes to a percentage', () =>
    capsOf([
      [
        variables(
          { COMPlus_GCHeapHardLimit: '20000000', DOTNET_GCHeapHardLimit: '10000000' },
          'dotnet',
          'a.dll',
        ),
        'DOTNET_GCHeapHardLimit=10000000',
        256 * Mi,
      ],
      [
        variables({ DOTNET_GCHeapHardLimitPercent: '4B', DOTNET_GCHeapHardLimit: '10000000' }),
        'DOTNET_GCHeapHardLimit=10000000',
      ],
      [variables({ COMPlus_GCHeapHardLimitPercent: '32' }), 'COMPlus_GCHeapHardLimitPercent=32', 0.5],
    ]));

  it('uses the flags of the program that the command starts, whatever variables are set', () =>
    capsOf([
      [
        variables({ NODE_OPTIONS: '--max-old-space-size=4096', GOMEMLIMIT: '8GiB' }, 'java', '-Xmx1g'),
        '-Xmx1g',
      ],
      [
        variables({ JAVA_TOOL_OPTIONS: '-Xmx4g' }, 'node', '--max-heap-size=512', 'a.js'),
        '--max-heap-size=512',
      ],
      [variables({ JAVA_TOOL_OPTIONS: '-Xmx4g' }, 'node', 'a.js'), undefined],
      [variables({ NODE_OPTIONS: '--max-old-space-size=256' }, 'java', '-jar', 'a.jar'), undefined, 0.25],
    ]));

  it('finds no JVM if `java` is only an argument', () => {
    for (const container of [
      variables({ CATALOG_LANGUAGE: 'java', LANG_RUNTIME: '/usr/bin/java' }, 'nginx', '-g', 'daemon off;'),
      variables({}, 'nginx', '--language', 'java'),
      variables({}, 'sh', '-c', 'echo java'),
      variables({}, 'run', '--home', '/opt/java'),
    ])
      assert.equal(capOf(container), undefined, JSON.stringify(container));
    for (const container of [
      variables({}, 'tini', '--', 'java', '-jar', 'a.jar'),
      variables({}, 'gosu', 'app', 'java', '-jar', 'a.jar'),
      variables({}, 'sh', '-c', 'cd /app && exec java -jar a.jar'),
      { args: ['java', '-jar', 'a.jar'] },
    ])
      assert.deepEqual(capOf(container), { runtime: 'JVM', share: 0.25 }, JSON.stringify(container));
  });

  it('is unknown if a flags file may set it', () => {
    for (const container of [
      variables({}, 'java', '@/opt/app/jvm.args', '-jar', 'a.jar'),
      variables({}, 'java', '-Xmx1g', '@/opt/app/jvm.args'),
      variables({ JDK_JAVA_OPTIONS: '@/opt/app/jvm.args' }, 'java', '-jar', 'a.jar'),
      variables({}, 'java', '-XX:VMOptionsFile=/opt/app/vm.options', '-jar', 'a.jar'),
    ])
      assert.deepEqual(capOf(container), { runtime: 'unknown' }, JSON.stringify(container));
    capsOf([
      [variables({}, 'java', '@/opt/app/jvm.args', '-Xmx1g', '-jar', 'a.jar'), '-Xmx1g'],
      [variables({}, 'java', '-Xmx1g', '-jar', 'a.jar', '@user'), '-Xmx1g'],
      [variables({}, 'curl', '-d', '@body.json'), undefined],
    ]);
  });

  const from = (kind: string) => ({ valueFrom: { [kind]: { name: 'settings', key: 'options' } } });
  const fromMap = (name: string, ...command: string[]) => ({
    command,
    env: [{ name, ...from('configMapKeyRef') }],
  });
  const assertUnknown = (containers: readonly object[]) => {
    for (const container of containers) {
      assert.deepEqual(capOf(container), { runtime: 'unknown' }, JSON.stringify(container));
      const flags = heapFlagsOf(container as Record<string, unknown>);
      assert.deepEqual(heapFlagsOf({ heapFlags: flags }), flags);
      assert.deepEqual(capOf({ heapFlags: flags }), { runtime: 'unknown' });
    }
  };

  it('is unknown if a variable of the runtime comes from a ConfigMap or a Secret', () => {
    const java = ['java', '-Xmx256m', '-jar', 'a.jar'];
    const env = ['configMapKeyRef', 'secretKeyRef', 'fileKeyRef'].map((kind) => [
      { name: '_JAVA_OPTIONS', ...from(kind) },
    ]);
    const annotation = { fieldRef: { fieldPath: "metadata.annotations['java']" } };
    assertUnknown([
      ...env.map((one) => ({ command: java, env: one })),
      { command: java, env: [{ name: '_JAVA_OPTIONS', valueFrom: annotation }] },
      fromMap('JAVA_TOOL_OPTIONS', 'java', '-jar', 'a.jar'),
      fromMap('JAVA_TOOL_OPTIONS', 'java', '-XX:MaxRAMPercentage=50', '-jar', 'a.jar'),
      fromMap('JAVA_OPTS', 'run.sh'),
      fromMap('KAFKA_HEAP_OPTS'),
      fromMap('NODE_OPTIONS', 'node', 'app.js'),
      fromMap('NODE_OPTIONS', 'npm', 'start'),
      fromMap('GOMEMLIMIT', '/server'),
      fromMap('DOTNET_GCHeapHardLimit', 'dotnet', 'a.dll'),
    ]);
    capsOf([
      [fromMap('JAVA_TOOL_OPTIONS', ...java), '-Xmx256m'],
      [fromMap('NODE_OPTIONS', 'node', '--max-old-space-size=512', 'a.js'), '--max-old-space-size=512'],
      // No script passes it on.
      [fromMap('JAVA_OPTS', ...java), '-Xmx256m'],
      [fromMap('DB_PASSWORD', ...java), '-Xmx256m'],
      [fromMap('NODE_OPTIONS', ...java), '-Xmx256m'],
    ]);
    for (const name of ['DB_PASSWORD', 'TOKEN_OPTIONS']) assert.equal(capOf(fromMap(name)), undefined);
    const ofPod = { fieldRef: { fieldPath: 'status.podIP' } };
    assert.equal(
      capOf({ command: java, env: [{ name: '_JAVA_OPTIONS', valueFrom: ofPod }] })?.by,
      '-Xmx256m',
    );
    const ofLimit = { resourceFieldRef: { resource: 'limits.memory' } };
    assert.equal(capOf({ env: [{ name: 'GOMEMLIMIT', valueFrom: ofLimit }] }), undefined);
  });

  it('is unknown if the command expands options from a ConfigMap or a Secret', () => {
    const script = (text: string) => fromMap('EXTRA', 'sh', '-c', text);
    assertUnknown([
      script('java -Xmx256m $EXTRA -jar a.jar'),
      script(`exec java -Xmx256m "\${EXTRA}" -jar a.jar`),
      script(`java \${EXTRA:--Xmx1g} -jar a.jar`),
      script('java -Xmx$EXTRA -jar a.jar'),
      script(`java -Xmx\${EXTRA}m -jar a.jar`),
      script('JAVA_TOOL_OPTIONS=$EXTRA java -jar a.jar'),
      script('node --max-old-space-size=256 $EXTRA app.js'),
      script('node --max-old-space-size=$EXTRA app.js'),
      script('export NODE_OPTIONS=$EXTRA; npm start'),
      fromMap('EXTRA', 'java', '-Xmx256m', '$(EXTRA)', '-jar', 'a.jar'),
      {
        command: ['java', '-jar', 'a.jar'],
        env: [
          { name: 'EXTRA', ...from('secretKeyRef') },
          { name: 'JAVA_TOOL_OPTIONS', value: '-Xmx256m $(EXTRA)' },
        ],
      },
    ]);
    capsOf([
      [script('java $EXTRA -Xmx256m -jar a.jar'), '-Xmx256m'],
      [script('java -Xmx256m -jar a.jar $EXTRA'), '-Xmx256m'],
      [script('java -Xmx256m -Dpassword=$EXTRA -jar a.jar'), '-Xmx256m'],
      [script('java -Xmx256m -cp $EXTRA com.example.Main'), '-Xmx256m'],
      [script('node --max-old-space-size=256 -r $EXTRA app.js'), '--max-old-space-size=256'],
      [script('node --max-old-space-size=256 app.js $EXTRA'), '--max-old-space-size=256'],
      [script('PASSWORD=$EXTRA java -Xmx256m -jar a.jar'), '-Xmx256m'],
    ]);
    assert.equal(capOf(script('nginx $EXTRA')), undefined);
  });

  it('is unknown if envFrom may set it and the command starts the runtime without a cap', () => {
    const envFrom = [{ configMapRef: { name: 'settings' } }];
    assertUnknown([
      { envFrom, command: ['java', '-jar', 'a.jar'] },
      { envFrom, command: ['node', 'app.js'] },
      { envFrom, command: ['sh', '-c', 'java -Xmx256m $EXTRA -jar a.jar'] },
    ]);
    const java = ['java', '-Xmx256m', '-jar', 'a.jar'];
    capsOf([
      [{ envFrom, command: java }, '-Xmx256m'],
      [{ envFrom, command: ['sh', '-c', 'java -Xmx256m $1 -jar a.jar'] }, '-Xmx256m'],
      [{ envFrom, ...env('JAVA_TOOL_OPTIONS', '-Xmx1g'), command: ['java', '-jar', 'a.jar'] }, '-Xmx1g'],
      [{ envFrom: [{ prefix: 'DB_' }], command: ['java', '-jar', 'a.jar'] }, undefined, 0.25],
    ]);
    for (const command of [undefined, ['nginx'], ['run.sh'], ['sh', '-c', 'exec server $PORT']])
      assert.equal(capOf({ envFrom, command }), undefined);
  });

  it('takes the last of two variables with the same name, as Kubernetes does', () => {
    const two = ['-Xmx1g', '-Xmx512m'].map((value) => ({ name: 'JAVA_TOOL_OPTIONS', value }));
    assert.equal(capOf({ command: ['java'], env: two })?.by, '-Xmx512m');
  });

  it('is unknown if nested variables expand to more text than the limit', () => {
    const env = Array.from({ length: 40 }, (_, at) => ({
      name: `V${at}`,
      value: at === 0 ? '-Xmx1g ' : `$(V${at - 1})$(V${at - 1})`,
    }));
    assert.deepEqual(capOf({ command: ['run.sh'], env }), { runtime: 'unknown' });
  });

  it('is a number that a history takes, whatever stands there', () => {
    for (const text of ['-Xmx999999999999999t', '-XX:MaxDirectMemorySize=999999999999999t'])
      assert.ok((capOf({ command: ['java', '-Xmx1g', text] })?.bytes ?? 0) <= Number.MAX_SAFE_INTEGER);
    assert.equal(capOf({ command: ['java', '-XX:MaxRAMPercentage=400'] })?.share, 1);
  });

  it('is the same after reducePods, which keeps no secret of command and environment', () => {
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
    assert.deepEqual(less, { runtime: 'JVM', by: '-Xmx512m', bytes: 512 * Mi });
    assert.deepEqual(whole, less);
  });

  it('is unknown if the definition is longer than the limit, since the last flag could be anywhere', () => {
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
      // The words that a recording keeps give the same cap, and reducing them again changes nothing.
      assert.deepEqual(capOf({ heapFlags: flags }), { runtime: 'unknown' });
      assert.deepEqual(heapFlagsOf({ heapFlags: flags }), flags);
    }
    assert.deepEqual(capOf({ heapFlags: Array.from({ length: 2_000 }, () => '-Xmx1g') }), {
      runtime: 'unknown',
    });
    assert.equal(capOf({ args: ['x'.repeat(8_000), '-Xmx1g'] })?.by, '-Xmx1g');
  });
});
