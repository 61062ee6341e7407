/** Generates the completion scripts of shells from commands and their flags. */

export interface Completable {
  readonly name: string;
  readonly about: string;
  readonly flags: Readonly<Record<string, CompletableFlag>>;
}

interface CompletableFlag {
  readonly short?: string;
  readonly takes?: string;
  readonly words?: readonly string[];
  readonly about: string;
}

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export const completions: Readonly<Record<Shell, (commands: readonly Completable[]) => string>> = {
  bash,
  zsh,
  fish,
};

const flagsOf = ({ flags }: Completable) => Object.entries(flags);
const spellings = (name: string, { short }: CompletableFlag): readonly string[] =>
  short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
const isPath = ({ takes }: CompletableFlag): boolean => takes === 'DIR' || takes === 'FILE';

/** Quotes text for a shell. */
const shellQuoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function bash(commands: readonly Completable[]): string {
  const cases = commands.flatMap((command) =>
    flagsOf(command)
      .filter(([, { takes }]) => takes !== undefined)
      .map(([name, flag]) => {
        const places = spellings(name, flag).map((flagName) => `${command.name}:${flagName}`);
        const reply =
          flag.words !== undefined
            ? `COMPREPLY=($(compgen -W '${flag.words.join(' ')}' -- "$cur"))`
            : isPath(flag)
              ? 'COMPREPLY=($(compgen -f -- "$cur"))'
              : 'COMPREPLY=()';
        return `    ${places.join('|')}) ${reply}; return;;`;
      }),
  );
  const words = commands.map((command) => {
    const names = flagsOf(command).map(([name]) => `--${name}`);
    return `    ${command.name}) COMPREPLY=($(compgen -W '${[...names, '--help'].join(' ')}' -- "$cur"));;`;
  });
  return `_realmem() {
  local cur=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]}
  if [ "$COMP_CWORD" = 1 ]; then
    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')} --help --version' -- "$cur"))
    return
  fi
  case $command:$before in
${cases.join('\n')}
  esac
  case $command in
${words.join('\n')}
  esac
}
complete -o default -F _realmem realmem
`;
}

function zsh(commands: readonly Completable[]): string {
  const escaped = (text: string): string => text.replace(/[[\]:]/g, '\\$&');
  const argumentsOf = (command: Completable): string =>
    flagsOf(command)
      .map(([name, flag]) => {
        const { takes, words, about } = flag;
        const all = spellings(name, flag);
        const given =
          words !== undefined
            ? `:${name}:(${words.join(' ')})`
            : isPath(flag)
              ? `:${name}:_files`
              : `:${name}:`;
        const spec = `[${escaped(about)}]${takes === undefined ? '' : given}`;
        const head = all.length === 1 ? '' : `'(${all.join(' ')})'{${all.join(',')}}`;
        return head === '' ? shellQuoted(`--${name}${spec}`) : `${head}${shellQuoted(spec)}`;
      })
      .join(' ');
  const described = commands.map(({ name, about }) => shellQuoted(`${name}:${escaped(about)}`)).join(' ');
  const cases = commands.map(
    (command) => `    ${command.name}) _arguments ${argumentsOf(command)} '*:target:_files';;`,
  );
  return `#compdef realmem
_realmem() {
  if (( CURRENT == 2 )); then
    local -a commands=(${described})
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words; (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = _realmem ]; then _realmem "$@"; else compdef _realmem realmem; fi
`;
}

function fish(commands: readonly Completable[]): string {
  const lines = commands.flatMap((command) => [
    `complete -c realmem -n __fish_use_subcommand -a ${command.name} -d ${shellQuoted(command.about)}`,
    ...flagsOf(command).map(([name, { short, takes, words, about }]) => {
      const value =
        words !== undefined ? ` -x -a ${shellQuoted(words.join(' '))}` : takes === undefined ? '' : ' -r';
      return `complete -c realmem -n '__fish_seen_subcommand_from ${command.name}' -l ${name}${short === undefined ? '' : ` -s ${short}`}${value} -d ${shellQuoted(about)}`;
    }),
  ]);
  return `${lines.join('\n')}\n`;
}
