/**
 * Completion scripts of shells. They ask `realmem __complete` with the words of the command line, so they need no change when a
 * command gets a flag. complete.ts has the protocol.
 */

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/**
 * Takes the words from COMP_LINE, because bash splits COMP_WORDS at `=` and `:`. It replaces only what follows the last of these,
 * so the candidates lose the part before. Runs in bash 3.2, which macOS has; that bash completes files after any candidates.
 */
const bash = `_realmem() {
  local typed="\${COMP_LINE:0:COMP_POINT}" directive=0 line value current before
  local -a words
  read -ra words <<< "$typed"
  case $typed in *[[:space:]]) words+=('');; esac
  current=\${words[\${#words[@]}-1]}
  case $current in -*=*) current=\${current#*=};; esac
  before=\${current%"\${current##*[:=]}"}
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :*) directive=\${line#:};;
      *) value=\${line%%$'\\t'*}; COMPREPLY+=("\${value#"$before"}");;
    esac
  done < <(realmem __complete "\${words[@]:1}" 2>/dev/null)
  if (( directive & 2 )); then compopt -o nospace 2>/dev/null; fi
  if (( directive & 4 )); then compopt +o default 2>/dev/null; fi
  if (( directive & 16 )); then compopt +o default -o dirnames 2>/dev/null; fi
}
complete -o default -F _realmem realmem
`;

const zsh = `#compdef realmem
_realmem() {
  local directive=0 line value
  local -a candidates
  for line in "\${(@f)$(realmem __complete "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}"; do
    value=\${line%%$'\\t'*}
    case $line in
      '') ;;
      :*) directive=\${line#:};;
      *$'\\t'*) candidates+=("\${value//:/\\\\:}:\${line#*$'\\t'}");;
      *) candidates+=("\${value//:/\\\\:}");;
    esac
  done
  if [[ $PREFIX == -*=* ]]; then compset -P 1 '*='; fi
  if (( $#candidates )); then
    if (( directive & 2 )); then
      _describe -t realmem realmem candidates -S ''
    else
      _describe -t realmem realmem candidates
    fi
  elif (( directive & 16 )); then
    _files -/
  elif (( ! (directive & 4) )); then
    _files
  fi
}
if [ "$funcstack[1]" = _realmem ]; then _realmem "$@"; else compdef _realmem realmem; fi
`;

const fish = `function __realmem_complete
  set -l words (commandline -opc)
  set -e words[1]
  set -l current (commandline -ct)
  set -l flag (string match -r -- '^-[^=]*=' "$current")
  set -l lines (realmem __complete $words "$current" 2>/dev/null)
  set -l directive (string replace -- ':' '' "$lines[-1]")
  set -e lines[-1]
  if test (count $lines) -gt 0
    string replace -r -- '^' "$flag" $lines
  else if test (math "floor($directive / 16) % 2") = 1
    __fish_complete_directories "$current" ''
  else if test (math "floor($directive / 4) % 2") = 0
    __fish_complete_path "$current"
  end
end
complete -c realmem -f -a '(__realmem_complete)'
`;

export const completions: Readonly<Record<Shell, string>> = { bash, zsh, fish };
