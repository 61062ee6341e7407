/** Splits a container's command into words, and finds the programs of runtimes and their options. */
import { unreadValue } from './flags.ts';

/** Options with a quoted value: `-Dx="a b"`, `"-Dx=a b"`. The words of such a value are not options. */
const quotedValue = /(?<=^|\s)(?:-[^\s"'=]+=(?:"[^"]*"|'[^']*')|"-D[^"]*"|'-D[^']*')/g;

/** Splits a text into words as a shell does, and removes the quotes. A quoted value stays one word. */
export const wordsOf = (text: string): readonly string[] =>
  text
    .replace(quotedValue, (option) => option.replace(/\s/g, '_'))
    .replace(/["'\\]/g, '')
    .split(/\s+/)
    .filter((word) => word !== '');

/** `java`, `/opt/jdk/bin/java` → `java`. */
export const programOf = (word: string): string | undefined =>
  /^(?:\S*\/)?(java|node|dotnet)$/.exec(word)?.[1];

/** A word that may precede the name of a program. */
const launcher =
  /^(?:exec|env|sudo|nohup|time|nice|then|do|else|--|[A-Za-z_]\w*=.*|(?:.*\/)?(?:tini|dumb-init))$|[;&|(]$/s;
const separator = /[;&|]$/;
/** Options whose value is a file that Node.js loads before the application. */
const preload = /^(?:-r|--require|--import|--loader|--experimental-loader)$/;
/** Options of `java` whose value is the next word. */
const takesValue =
  /^(?:-cp|-classpath|--class-path|-p|--(?:upgrade-)?module-path|--add-(?:modules|opens|exports|reads)|--limit-modules|--patch-module|--enable-native-access|--source)$/;
/** Options of `java` that name the application: all words after their value belong to it. */
const startsApplication = /^(?:-jar|-m|--module)$/;
/** A main class with a package. In a script a class name without a package looks like any other word. */
const className = /^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+$/;
/** Node.js itself parses this option, not V8. So its value may be the next word. */
const takesNextWord = /^--max[-_]old[-_]space[-_]size[-_]percentage$/;

/**
 * The programs of runtimes in a command, each followed by its own options. The arguments of the application are left out.
 * @param elements `command` and `args` of the container, with variables expanded
 */
export function commandWords(elements: readonly string[]): readonly string[] {
  const all = elements.flatMap((element) => {
    const words = wordsOf(element);
    const isAlone = words.length === 1;
    return words.map((text, index) => ({ text, isAlone, isFirst: index === 0 }));
  });
  const found: string[] = [];
  let isOption = true;
  let isJava = false;
  let isNode = false;
  /** The command is an array: each element is one argument, and no shell splits it. */
  let isArray = false;
  for (const [index, { text, isAlone, isFirst }] of all.entries()) {
    const [before = '', after = ''] = [all[index - 1]?.text, all[index + 1]?.text];
    const program = programOf(text);
    if (program !== undefined) {
      const startsScript = isFirst && !isAlone;
      if (index > 0 && !startsScript && !isProgram(text, before, after)) continue;
      found.push(program);
      isOption = true;
      isJava = program === 'java';
      isNode = program === 'node';
      isArray = isAlone;
      continue;
    }
    const word = text.replace(/[;&|)]+$/, '');
    // An unread value may be a class path or a preloaded file. These cap no heap.
    const isValue = word === unreadValue && (isJava ? takesValue : preload).test(before);
    if (isOption && isNode && word === unreadValue && !isValue) found.push(`--${unreadValue}`);
    else if (isOption && !isValue && (isJava || !word.startsWith('@')))
      found.push(takesNextWord.test(word) ? `${word}=${after}` : word);
    // After `-jar app.jar`, `com.example.Main` or `app.js` all words belong to the application.
    const isMain = isJava
      ? startsApplication.test(before) ||
        (isArray ? isFirst && isMainClass(word, before) : isClassName(word, before))
      : isScript(word, before);
    if (isMain) isOption = false;
    if (separator.test(text)) isOption = true;
  }
  return found;
}

const isClassName = (word: string, before: string): boolean =>
  className.test(word) && !takesValue.test(before);

/** The launcher takes as main class the first argument that is no option, no value of an option and no @-file. */
const isMainClass = (word: string, before: string): boolean =>
  /^[^-@]/.test(word) && !takesValue.test(before);

const isScript = (word: string, before: string): boolean =>
  /^[^-].*\.[cm]?[jt]s$/.test(word) && !preload.test(before);

/** Whether a word in the middle of a command starts a program: in `gosu app java -jar app.jar`, not in `--language java`. */
const isProgram = (text: string, before: string, after: string): boolean =>
  launcher.test(before) || (!before.startsWith('-') && (/\/bin\/\w+$/.test(text) || /^[-$@]/.test(after)));
