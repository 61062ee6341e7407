/** The words of a container's command: which of them start a runtime, and which are options of it. */
import { unreadValue } from './flags.ts';

/** `-Dx="a b"`, `"-Dx=a b"`: what such a value says is no option of its own. */
const quotedValue = /(?<=^|\s)(?:-[^\s"'=]+=(?:"[^"]*"|'[^']*')|"-D[^"]*"|'-D[^']*')/g;

/** Quotes and ends of commands are the shell's, not the flag's. */
export const wordsOf = (text: string): readonly string[] =>
  text
    .replace(quotedValue, (option) => option.replace(/\s/g, '_'))
    .replace(/["'\\]/g, '')
    .split(/\s+/)
    .filter((word) => word !== '');

/** `java`, `/opt/jdk/bin/java` → `java`. */
export const programOf = (word: string): string | undefined =>
  /^(?:\S*\/)?(java|node|dotnet)$/.exec(word)?.[1];

/** Words after which a program's name stands. */
const launcher =
  /^(?:exec|env|sudo|nohup|time|nice|then|do|else|--|[A-Za-z_]\w*=.*|(?:.*\/)?(?:tini|dumb-init))$|[;&|(]$/s;
const separator = /[;&|]$/;
/** Files that Node.js loads before the application's own. */
const preload = /^(?:-r|--require|--import|--loader|--experimental-loader)$/;
/** Options of `java` whose value is the next word, and those after whose value the words are the application's. */
const takesValue =
  /^(?:-cp|-classpath|--class-path|-p|--(?:upgrade-)?module-path|--add-(?:modules|opens|exports|reads)|--limit-modules|--patch-module|--enable-native-access|--source)$/;
const startsApplication = /^(?:-jar|-m|--module)$/;
/** A main class as a script names it: with a package, so that no other word of the script passes for one. */
const className = /^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+$/;
/** An option that Node.js itself reads, so that its value may be the next word. */
const takesNextWord = /^--max[-_]old[-_]space[-_]size[-_]percentage$/;

/** Programs, and the options of each: not what a program hands to the application that it runs. */
export function commandWords(elements: readonly string[]): readonly string[] {
  const all = elements.flatMap((element) => {
    const words = wordsOf(element);
    const isAlone = words.length === 1;
    return words.map((text, index) => ({ text, isAlone, isFirst: index === 0 }));
  });
  const made: string[] = [];
  let isOption = true;
  let isJava = false;
  let isNode = false;
  /** No shell splits what follows the program: each element of the array is one argument. */
  let isArray = false;
  for (const [index, { text, isAlone, isFirst }] of all.entries()) {
    const [before = '', after = ''] = [all[index - 1]?.text, all[index + 1]?.text];
    const program = programOf(text);
    if (program !== undefined) {
      const startsScript = isFirst && !isAlone;
      if (index > 0 && !startsScript && !isProgram(text, before, after)) continue;
      made.push(program);
      isOption = true;
      isJava = program === 'java';
      isNode = program === 'node';
      isArray = isAlone;
      continue;
    }
    const word = text.replace(/[;&|)]+$/, '');
    // A class path or a preloaded file that nobody reads here caps no heap.
    const isValue = word === unreadValue && (isJava ? takesValue : preload).test(before);
    if (isOption && isNode && word === unreadValue && !isValue) made.push(`--${unreadValue}`);
    else if (isOption && !isValue && (isJava || !word.startsWith('@')))
      made.push(takesNextWord.test(word) ? `${word}=${after}` : word);
    // From `-jar app.jar`, `com.example.Main` and `app.js` on, words are the application's.
    const isMain = isJava
      ? startsApplication.test(before) ||
        (isArray ? isFirst && isMainClass(word, before) : isClassName(word, before))
      : isScript(word, before);
    if (isMain) isOption = false;
    if (separator.test(text)) isOption = true;
  }
  return made;
}

const isClassName = (word: string, before: string): boolean =>
  className.test(word) && !takesValue.test(before);

/** `Main`: to the launcher the first argument that is no option, no value of one and no file of arguments. */
const isMainClass = (word: string, before: string): boolean =>
  /^[^-@]/.test(word) && !takesValue.test(before);

const isScript = (word: string, before: string): boolean =>
  /^[^-].*\.[cm]?[jt]s$/.test(word) && !preload.test(before);

/** `gosu app java -jar app.jar`, but not `--language java`. */
const isProgram = (text: string, before: string, after: string): boolean =>
  launcher.test(before) || (!before.startsWith('-') && (/\/bin\/\w+$/.test(text) || /^[-$@]/.test(after)));
