/** The words of a container's command: which of them start a runtime, and which are options of it. */

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
  /^(?:-cp|-classpath|--class-path|-p|--module-path|--upgrade-module-path|--add-(?:modules|opens|exports|reads)|--patch-module)$/;
const startsApplication = /^(?:-jar|-m|--module)$/;
/** Of a main class: with a package, so that no word of a script passes for one. */
const className = /^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+$/;
/** An option that Node.js itself reads, so that its value may be the next word. */
const takesNextWord = /^--max[-_]old[-_]space[-_]size[-_]percentage$/;

/** Programs, and the options of each: not what a program hands to the application that it runs. */
export function commandWords(elements: readonly string[]): readonly string[] {
  const all = elements.flatMap((element) => {
    const words = wordsOf(element);
    return words.map((text, index) => ({ text, startsScript: index === 0 && words.length > 1 }));
  });
  const made: string[] = [];
  let isOption = true;
  let isJava = false;
  for (const [index, { text, startsScript }] of all.entries()) {
    const [before = '', after = ''] = [all[index - 1]?.text, all[index + 1]?.text];
    const program = programOf(text);
    if (program !== undefined) {
      if (index > 0 && !startsScript && !isProgram(text, before, after)) continue;
      made.push(program);
      isOption = true;
      isJava = program === 'java';
      continue;
    }
    const word = text.replace(/[;&|)]+$/, '');
    if (isOption && (isJava || !word.startsWith('@')))
      made.push(takesNextWord.test(word) ? `${word}=${after}` : word);
    // From `-jar app.jar`, `com.example.Main` and `app.js` on, words are the application's.
    if (isJava ? isApplication(word, before) : isScript(word, before)) isOption = false;
    if (separator.test(text)) isOption = true;
  }
  return made;
}

const isApplication = (word: string, before: string): boolean =>
  startsApplication.test(before) || (className.test(word) && !takesValue.test(before));

const isScript = (word: string, before: string): boolean =>
  /^[^-].*\.[cm]?[jt]s$/.test(word) && !preload.test(before);

/** `gosu app java -jar app.jar`, but not `--language java`. */
const isProgram = (text: string, before: string, after: string): boolean =>
  launcher.test(before) || (!before.startsWith('-') && (/\/bin\/\w+$/.test(text) || /^[-$@]/.test(after)));
