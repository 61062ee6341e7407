import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { commandWords, programOf, wordsOf } from '../../src/heap/command-line.ts';
import { anyText } from '../model/any-text.ts';

/** Of a command as an array. */
const array = (text: string): readonly string[] => commandWords(text.split(' '));
/** Of a script for a shell. */
const script = (text: string): readonly string[] => commandWords(['sh', '-c', text]).slice(2);

describe('wordsOf', () => {
  it('splits at any white space', () => {
    assert.deepEqual(wordsOf(' a  b\n\tc '), ['a', 'b', 'c']);
    for (const text of ['', ' ', '\n', '""', "''"]) assert.deepEqual(wordsOf(text), [], JSON.stringify(text));
  });

  it('removes quotes and backslashes', () =>
    assert.deepEqual(wordsOf('"-Xmx1g" \'-Xss1m\' -D\\x="y"'), ['-Xmx1g', '-Xss1m', '-Dx=y']));

  it('keeps the quoted value of an option in one word', () => {
    for (const text of ['-Dx="a -Xmx9g"', "-Dx='a -Xmx9g'", '"-Dx=a -Xmx9g"', "'-Dx=a -Xmx9g'"])
      assert.deepEqual(wordsOf(`-Xmx1g ${text} b`), ['-Xmx1g', '-Dx=a_-Xmx9g', 'b'], text);
  });

  it('splits what no quote closes, and a quoted word that is no option', () => {
    assert.deepEqual(wordsOf('-Dx="a b'), ['-Dx=a', 'b']);
    assert.deepEqual(wordsOf('"a b"'), ['a', 'b']);
  });

  it('has no white space, quote or empty word, whatever the text', () =>
    fc.assert(
      fc.property(fc.oneof(anyText(), fc.stringMatching(/^[-Dx="' \\a]*$/)), (text) => {
        for (const word of wordsOf(text)) assert.match(word, /^[^\s"'\\]+$/);
      }),
    ));
});

it('programOf finds java, node and dotnet at the end of a path, and nothing else', () => {
  for (const [word, program] of [
    ['java', 'java'],
    ['node', 'node'],
    ['dotnet', 'dotnet'],
    ['/usr/bin/java', 'java'],
    ['./node', 'node'],
    ['../jdk-21/bin/java', 'java'],
  ] as const)
    assert.equal(programOf(word), program);
  for (const word of [
    '',
    'javac',
    'xjava',
    'java8',
    'JAVA',
    'java/',
    '/java/x',
    'nodejs',
    'java ',
    'a b/java',
  ])
    assert.equal(programOf(word), undefined, word);
});

describe('commandWords', () => {
  it('has the program and its options, and none of its application', () => {
    assert.deepEqual(array('/usr/bin/java -Xmx1g -jar a.jar -Xmx9g'), ['java', '-Xmx1g', '-jar', 'a.jar']);
    assert.deepEqual(array('node --max-heap-size=1 app.js --max-heap-size=9'), [
      'node',
      '--max-heap-size=1',
      'app.js',
    ]);
    for (const name of ['a.mjs', 'a.cjs', 'a.ts', 'dir/a.js'])
      assert.deepEqual(array(`node ${name} x`), ['node', name]);
  });

  it('has nothing for nothing', () => {
    for (const elements of [[], [''], [' ', '']]) assert.deepEqual(commandWords(elements), []);
  });

  it('has the words of a command that starts no runtime', () =>
    assert.deepEqual(array('nginx -g daemon'), ['nginx', '-g', 'daemon']));

  it('ends the options of java at the main class: any word of an array, and one with a package in a script', () => {
    assert.deepEqual(array('java -Xmx1g Main -Xmx9g'), ['java', '-Xmx1g', 'Main']);
    assert.deepEqual(script('java -Xmx1g com.example.Main -Xmx9g'), ['java', '-Xmx1g', 'com.example.Main']);
    assert.deepEqual(script('java Main -Xmx9g'), ['java', 'Main', '-Xmx9g']);
    assert.deepEqual(array('java -m app/com.Main -Xmx9g'), ['java', '-m', 'app/com.Main']);
  });

  it('takes the value of an option for no main class', () => {
    for (const option of [
      ...[
        '-cp',
        '-classpath',
        '--class-path',
        '-p',
        '--module-path',
        '--upgrade-module-path',
        '--add-modules',
      ],
      ...['--add-opens', '--add-exports', '--add-reads', '--limit-modules', '--patch-module', '--source'],
      '--enable-native-access',
    ])
      assert.deepEqual(
        array(`java ${option} value -Xmx1g Main -Xmx9g`).slice(2),
        ['value', '-Xmx1g', 'Main'],
        option,
      );
  });

  it('takes a file that node loads before the application for no application', () => {
    for (const option of ['-r', '--require', '--import', '--loader', '--experimental-loader'])
      assert.ok(
        array(`node ${option} ./x.js --max-heap-size=1 app.js y`).includes('--max-heap-size=1'),
        option,
      );
  });

  it('begins again with the next program of a script', () => {
    assert.deepEqual(script('node check.js x; java -Xmx1g -jar a.jar y'), [
      ...['node', 'check.js', 'java', '-Xmx1g', '-jar', 'a.jar'],
    ]);
    for (const between of [';', '&&', '||', '|', '; exec', '&& exec', '; then', '&& env A=b', '; nice'])
      assert.ok(script(`java -jar a.jar x ${between} java -Xmx1g`).includes('-Xmx1g'), between);
  });

  it('has options again behind a separator at the end of a word', () =>
    assert.deepEqual(script('java -jar a.jar -Xmx9g; export JAVA_OPTS=-Xmx1g').slice(-2), [
      'export',
      'JAVA_OPTS=-Xmx1g',
    ]));

  it('removes the separators and brackets at the end of a word', () =>
    assert.deepEqual(script('(java -Xmx1g) -Xss1m& x;').slice(-3), ['-Xmx1g', '-Xss1m', 'x']));

  it('finds a program behind a launcher, with a path to bin, or before an option', () => {
    for (const before of [
      ...[
        'exec',
        'env',
        'sudo',
        'nohup',
        'time',
        'nice',
        'then',
        'do',
        'else',
        '--',
        'A=b',
        'tini',
        '/sbin/tini',
      ],
      'dumb-init',
    ])
      assert.ok(array(`run ${before} java Main`).includes('java'), before);
    assert.ok(!array('run app java Main').includes('java'));
    assert.ok(array('gosu app /usr/bin/java').includes('java'));
    for (const after of ['-x', '$OPTS', '@file'])
      assert.ok(array(`gosu app java ${after}`).includes('java'), after);
  });

  it('takes java for a word like any other where nothing starts it', () => {
    for (const text of ['run --language java', 'echo java', 'run --home /opt/java', 'run --language java -x'])
      assert.ok(!array(text).includes('java'), text);
  });

  it('gives node an unread option of its own, and java one of a file', () => {
    assert.deepEqual(array('node @ app.js @'), ['node', '--@', 'app.js']);
    assert.deepEqual(array('java @ -jar a.jar @'), ['java', '@', '-jar', 'a.jar']);
    assert.deepEqual(array('node @file app.js'), ['node', 'app.js']);
    assert.deepEqual(array('server @'), ['server']);
  });

  it('leaves out an unread class path or preloaded file, which caps no heap', () => {
    assert.deepEqual(array('java -cp @ -Xmx1g'), ['java', '-cp', '-Xmx1g']);
    assert.deepEqual(array('node -r @ --max-heap-size=1'), ['node', '-r', '--max-heap-size=1']);
  });

  it('joins the percentage of the old space with its value, also where there is none', () => {
    assert.ok(
      array('node --max-old-space-size-percentage 50').includes('--max-old-space-size-percentage=50'),
    );
    assert.ok(array('node --max_old_space_size_percentage').includes('--max_old_space_size_percentage='));
  });

  it('has at most the words of the command, whatever it is', () => {
    const word = fc.constantFrom(
      'java',
      'node',
      '/bin/java',
      '-jar',
      'a.js',
      '-r',
      '@',
      ';',
      'x;',
      '--',
      '-Xmx1g',
      'Main',
    );
    const element = fc.oneof(
      word,
      fc.array(word).map((words) => words.join(' ')),
      anyText(),
    );
    fc.assert(
      fc.property(fc.array(element), (elements) => {
        assert.ok(commandWords(elements).length <= elements.flatMap(wordsOf).length);
      }),
    );
  });
});
