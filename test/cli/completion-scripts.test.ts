import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { type Completable, completions } from '../../src/cli/completion-scripts.ts';

const commands: readonly Completable[] = [
  {
    name: 'ps',
    about: "show [all]: a container's processes",
    flags: {
      output: { short: 'o', takes: 'json|yaml', words: ['json', 'yaml'], about: 'the format' },
      root: { takes: 'DIR', about: 'the root' },
      pods: { short: 'p', takes: 'FILE', about: 'the pods' },
      namespace: { takes: 'NAMESPACE', about: "the pod's" },
      all: { short: 'A', about: 'all [x]: y' },
    },
  },
  { name: 'free', about: 'show the node', flags: {} },
];

const lineAt = (text: string, start: string): string | undefined =>
  text
    .split('\n')
    .find((line) => line.trimStart().startsWith(start))
    ?.trim();

describe('the bash script', () => {
  const text = completions.bash(commands);

  it('completes words, paths, and nothing for a value of another kind', () => {
    assert.equal(
      lineAt(text, 'ps:-o'),
      `ps:-o|ps:--output) COMPREPLY=($(compgen -W 'json yaml' -- "$cur")); return;;`,
    );
    assert.equal(lineAt(text, 'ps:--root'), 'ps:--root) COMPREPLY=($(compgen -f -- "$cur")); return;;');
    assert.equal(lineAt(text, 'ps:-p'), 'ps:-p|ps:--pods) COMPREPLY=($(compgen -f -- "$cur")); return;;');
    assert.equal(lineAt(text, 'ps:--namespace'), 'ps:--namespace) COMPREPLY=(); return;;');
  });

  it('expects no value after a switch', () => assert.equal(lineAt(text, 'ps:-A'), undefined));

  it('completes the flags of the command, also after a switch, and --help for one without flags', () => {
    const complete = (...words: readonly string[]): string => {
      const given = words.map((word) => `'${word}'`).join(' ');
      const line = `${text}COMP_WORDS=(realmem ${given}); COMP_CWORD=${words.length}; _realmem; echo "\${COMPREPLY[@]}"`;
      const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', line], { encoding: 'utf8' });
      assert.equal(stderr, '');
      return stdout.trim();
    };
    assert.deepEqual(
      [
        complete(''),
        complete('ps', ''),
        complete('ps', '-A', '--n'),
        complete('free', ''),
        complete('ps', '-o', ''),
        complete('free', '-o', '--'),
        complete('planet', ''),
      ],
      [
        'ps free --help --version',
        '--output --root --pods --namespace --all --help',
        '--namespace',
        '--help',
        'json yaml',
        '--help',
        '',
      ],
    );
  });
});

describe('the zsh script', () => {
  const text = completions.zsh(commands);

  it('describes commands, with brackets, colons and quotes escaped', () =>
    assert.equal(
      lineAt(text, 'local -a commands'),
      String.raw`local -a commands=('ps:show \[all\]\: a container'\''s processes' 'free:show the node')`,
    ));

  it('joins the two names of a flag, and completes words, paths and other values', () =>
    assert.equal(
      lineAt(text, 'ps)'),
      [
        "ps) _arguments '(-o --output)'{-o,--output}'[the format]:output:(json yaml)'",
        "'--root[the root]:root:_files'",
        "'(-p --pods)'{-p,--pods}'[the pods]:pods:_files'",
        String.raw`'--namespace[the pod'\''s]:namespace:'`,
        String.raw`'(-A --all)'{-A,--all}'[all \[x\]\: y]'`,
        "'*:target:_files';;",
      ].join(' '),
    ));

  it('completes only targets for a command without flags', () =>
    assert.equal(lineAt(text, 'free)'), "free) _arguments  '*:target:_files';;"));
});

describe('the fish script', () => {
  const text = completions.fish(commands);

  it('offers commands only before a command', () =>
    assert.equal(
      lineAt(text, 'complete -c realmem -n __fish_use_subcommand -a ps'),
      String.raw`complete -c realmem -n __fish_use_subcommand -a ps -d 'show [all]: a container'\''s processes'`,
    ));

  it('requires a word of the list, any value, or none', () => {
    const flagOf = (name: string): string | undefined =>
      text
        .split('\n')
        .find((line) => line.includes(` -l ${name}`))
        ?.replace(/^.* -l /, '');
    assert.deepEqual(['output', 'root', 'pods', 'all'].map(flagOf), [
      "output -s o -x -a 'json yaml' -d 'the format'",
      "root -r -d 'the root'",
      "pods -s p -r -d 'the pods'",
      "all -s A -d 'all [x]: y'",
    ]);
  });

  it('has one line per command and flag', () => assert.equal(text.trimEnd().split('\n').length, 7));
});
