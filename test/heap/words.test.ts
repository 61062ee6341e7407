import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cutMark, heapFlagsKey, heapFlagsOf, javaIsLikely } from '../../src/heap/words.ts';

const of = (container: Readonly<Record<string, unknown>>): readonly string[] => heapFlagsOf(container);
const env = (values: Readonly<Record<string, string>>) => ({
  env: Object.entries(values).map(([name, value]) => ({ name, value })),
});
const from = (name: string) => ({ env: [{ name, valueFrom: { configMapKeyRef: { name: 'm', key: 'k' } } }] });

describe('heapFlagsOf', () => {
  it('has no flags for a definition without any, or with parts of the wrong type', () => {
    for (const container of [
      {},
      { command: null, args: null, env: null, envFrom: null },
      { command: 'java -Xmx1g', args: { 0: '-Xmx1g' }, env: 'JAVA_OPTS=-Xmx1g' },
      { command: [1, null, ['java']], env: [null, 1, 'x', {}, { name: 1, value: '-Xmx1g' }, { name: 'A' }] },
      { command: ['nginx', '-g', 'daemon off;'] },
    ])
      assert.deepEqual(of(container), [], JSON.stringify(container));
  });

  it('has the program and its flags, from command and arguments', () =>
    assert.deepEqual(of({ command: ['/opt/jdk/bin/java', '-Xss1m'], args: ['-Xmx1g', '-jar', 'a.jar'] }), [
      'java',
      '-Xmx1g',
    ]));

  it('has the flags of each container of a recorded list, and none of its other words', () => {
    const file = new URL('../../fixtures/pods/heap-flags.json', import.meta.url);
    const { items } = JSON.parse(fs.readFileSync(file, 'utf8')) as {
      readonly items: readonly {
        readonly spec: { readonly containers: readonly Record<string, unknown>[] };
      }[];
    };
    const all = items.flatMap(({ spec }) => spec.containers.map(of));
    assert.ok(all.filter((flags) => flags.length > 0).length >= 8);
    for (const flag of all.flat())
      assert.match(flag, /^(?:java|node|dotnet|\*=java|(?:\w+=)?(?:@|-{1,2}(?:X|max)\S+))$/, flag);
  });

  it('has a flag of a variable with the name of the variable that a runtime reads', () => {
    assert.deepEqual(of(env({ JAVA_TOOL_OPTIONS: '-Xmx1g -Dpassword=x' })), [
      javaIsLikely,
      'JAVA_TOOL_OPTIONS=-Xmx1g',
    ]);
    assert.deepEqual(of(env({ NODE_OPTIONS: '--max-old-space-size=9' })), [
      'NODE_OPTIONS=--max-old-space-size=9',
    ]);
    assert.deepEqual(of(env({ GOMEMLIMIT: '1GiB' })), ['GOMEMLIMIT=1GiB']);
  });

  it('has a flag of any other variable without its name, which may be a secret', () =>
    assert.deepEqual(of(env({ CUSTOMER_X: 'a -Xmx1g b' })), ['script=-Xmx1g']));

  it('calls a JVM likely for each variable that only a JVM or its scripts read', () => {
    for (const name of [
      'JAVA_TOOL_OPTIONS',
      'JDK_JAVA_OPTIONS',
      '_JAVA_OPTIONS',
      'JAVA_OPTS',
      'CATALINA_OPTS',
    ])
      assert.deepEqual(of(env({ [name]: '-Dx=y' })), [javaIsLikely], name);
    for (const name of ['JAVA_HOME', 'MY_JAVA_OPTS', 'java_opts', 'NODE_OPTIONS'])
      assert.deepEqual(of(env({ [name]: '-Dx=y' })), [], name);
  });

  it('ignores variables of other runtimes and of scripts where the command itself is a runtime', () => {
    const values = {
      GOMEMLIMIT: '1GiB',
      NODE_OPTIONS: '--max-heap-size=9',
      JAVA_OPTS: '-Xmx1g',
      _JAVA_OPTIONS: '-Xmx2g',
    };
    assert.deepEqual(of({ command: ['java'], ...env(values) }), [
      'java',
      javaIsLikely,
      '_JAVA_OPTIONS=-Xmx2g',
    ]);
    assert.deepEqual(of({ command: ['node', 'a.js'], ...env(values) }), [
      'node',
      'NODE_OPTIONS=--max-heap-size=9',
    ]);
    assert.equal(of({ command: ['run.sh'], ...env(values) }).length, 5);
  });

  it('takes what a command sets itself before the environment', () =>
    assert.deepEqual(
      of({ command: ['sh', '-c', 'GOMEMLIMIT=1GiB server'], ...env({ GOMEMLIMIT: '8GiB' }) }),
      ['GOMEMLIMIT=1GiB'],
    ));

  it('has the last of several flags of the command, and the largest of scripts', () => {
    assert.deepEqual(of({ command: ['java', '-Xmx2g', '-Xmx1g'] }), ['java', '-Xmx1g']);
    for (const values of [
      { A: '-Xmx1g', B: '-Xmx2g' },
      { A: '-Xmx2g', B: '-Xmx1g' },
    ])
      assert.deepEqual(of(env(values)), ['script=-Xmx2g']);
    assert.deepEqual(of(env({ A: '-Xmx1024m', B: '-Xmx1g' })), ['script=-Xmx1024m'], 'of a tie the first');
  });

  it('keeps of a file only that there is one', () => {
    assert.deepEqual(of({ command: ['java', '@/secret/args', '-XX:Flags=/x'] }), ['java', '@']);
    assert.deepEqual(of(from('_JAVA_OPTIONS')), [javaIsLikely, '_JAVA_OPTIONS=@']);
    assert.deepEqual(of(from('NODE_OPTIONS')), ['NODE_OPTIONS=@']);
    assert.deepEqual(of(from('GOMEMLIMIT')), ['GOMEMLIMIT=@']);
  });

  it('takes an unread variable for flags only if its name says that scripts hand it to a JVM', () => {
    for (const name of ['ES_JAVA_OPTS', 'KAFKA_HEAP_OPTS', 'JVM_ARGS', 'JBOSS_JAVA_OPTIONS', 'HEAP_FLAGS'])
      assert.deepEqual(of(from(name)), ['script=@'], name);
    for (const name of ['PASSWORD', 'OPTS', 'JAVA_HOME', 'JAVAOPTSX', 'MYJAVA_OPTS', 'java_opts'])
      assert.deepEqual(of(from(name)), [], name);
  });

  it('counts a whole ConfigMap only where the command starts a runtime and nothing tells a cap', () => {
    const envFrom = [{ configMapRef: { name: 'm' } }];
    assert.deepEqual(of({ command: ['java'], envFrom }), ['java', 'JAVA_TOOL_OPTIONS=@']);
    assert.deepEqual(of({ command: ['node', 'a.js'], envFrom }), ['node', 'NODE_OPTIONS=@']);
    assert.deepEqual(of({ command: ['java', '-Xmx1g'], envFrom }), ['java', '-Xmx1g']);
    assert.deepEqual(of({ command: ['run.sh'], envFrom }), []);
    assert.deepEqual(of({ command: ['java'], envFrom: [{ prefix: 'X_' }] }), ['java']);
    // These cap something beside the heap.
    for (const [program = '', flag = ''] of [
      ['java', '-XX:MaxDirectMemorySize=1g'],
      ['node', '--max-semi-space-size=9'],
    ])
      assert.match(of({ command: [program, flag], envFrom }).at(-1) ?? '', /_OPTIONS=@$/);
  });
});

describe('what is longer than 8 KiB', () => {
  it('is marked, and is not at exactly that length', () => {
    const args = (length: number) => ({ args: ['-Xmx1g', 'x'.repeat(length - '-Xmx1g'.length)] });
    assert.deepEqual(of(args(8 * 1024)), ['-Xmx1g']);
    assert.deepEqual(of(args(8 * 1024 + 1)), ['-Xmx1g', cutMark]);
  });

  it('is marked wherever it stands, names of variables included', () => {
    const long = 'x'.repeat(8 * 1024 + 1);
    for (const container of [{ command: [long] }, { args: [long] }, env({ A: long }), env({ [long]: 'a' })])
      assert.deepEqual(of(container), [cutMark]);
  });

  it('stays marked in a recording', () => {
    assert.deepEqual(of({ [heapFlagsKey]: ['java', cutMark] }), ['java', cutMark]);
    assert.deepEqual(of({ [heapFlagsKey]: [cutMark, '-Xmx1g', cutMark] }), ['-Xmx1g', cutMark]);
    assert.deepEqual(of({ [heapFlagsKey]: ['x'.repeat(8 * 1024 + 1)] }), [cutMark]);
  });
});

describe('the flags of a recording', () => {
  it('replace command, arguments and environment', () =>
    assert.deepEqual(of({ [heapFlagsKey]: ['-Xmx1g'], command: ['java', '-Xmx2g'] }), ['-Xmx1g']));

  it('are none where the list is empty or of the wrong type', () => {
    for (const kept of [[], null, 'java', 7, {}, [null, 7]])
      assert.deepEqual(of({ [heapFlagsKey]: kept, command: ['java'] }), [], JSON.stringify(kept));
  });

  it('are no words that say nothing of a heap', () =>
    assert.deepEqual(of({ [heapFlagsKey]: ['java', 'hunter2', '-Dx=y', 'constructor', '-Xmx0'] }), ['java']));

  it('gives the same flags again for the flags that a recording keeps, whatever the definition', () => {
    const word = fc.constantFrom(
      ...[
        'java',
        '/usr/bin/java',
        'node',
        'sh',
        '-c',
        '-jar',
        'a.js',
        '--',
        ';',
        '@f',
        '$A',
        '$(B)',
        'A=-Xmx3g',
      ],
      ...[
        '-Xmx1g',
        '-Xmx2g',
        '-XX:MaxRAMPercentage=50',
        '-XX:MaxRAM=1g',
        '--max-old-space-size=9',
        '…',
        '*=java',
      ],
      ...['--max-heap-size=9', 'GOMEMLIMIT=1GiB', '-XX:Flags=x', 'x', "'"],
    );
    const text = fc.array(word, { maxLength: 6 }).map((words) => words.join(' '));
    const name = fc.constantFrom(
      'A',
      'B',
      'JAVA_TOOL_OPTIONS',
      '_JAVA_OPTIONS',
      'NODE_OPTIONS',
      'JAVA_OPTS',
      'GOMEMLIMIT',
    );
    const container = fc.record({
      command: fc.array(fc.oneof(word, text), { maxLength: 6 }),
      env: fc.array(
        fc.oneof(fc.record({ name, value: text }), fc.record({ name, valueFrom: fc.constant({ any: {} }) })),
        { maxLength: 4 },
      ),
      envFrom: fc.constantFrom(undefined, [{}]),
    });
    fc.assert(
      fc.property(container, (one) => {
        const flags = heapFlagsOf(one);
        assert.deepEqual(heapFlagsOf({ heapFlags: flags }), flags);
      }),
    );
  });
});
