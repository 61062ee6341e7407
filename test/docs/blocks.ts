/** The code blocks of all documents, and which test runs each. */
import assert from 'node:assert/strict';
import fs from 'node:fs';

export const root = new URL('../../', import.meta.url);

/** Everything that a reader may open. CHANGELOG.md only lists. */
export const documents: readonly string[] = [
  ...fs.readdirSync(root).filter((name) => name.endsWith('.md')),
  ...fs
    .readdirSync(new URL('docs', root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  'charts/realmem/README.md',
  'fixtures/README.md',
  'fixtures/paths/README.md',
].sort();

/**
 * Where a block runs: `here` in `npm test`; `host` and `cluster` in their tiers; `elsewhere` in a test of its own; `nowhere` with a
 * reason. A comment in the line above the block says so, and no comment means `here`:
 *
 *     <!-- runs in test:host -->
 *     <!-- runs in test:cluster -->
 *     <!-- tested by test/cluster/helm.test.ts -->
 *     <!-- not run: needs docker -->
 */
type Place =
  | { readonly where: 'here' | 'host' | 'cluster' }
  | { readonly where: 'elsewhere'; readonly test: string }
  | { readonly where: 'nowhere'; readonly reason: string };

export interface Block {
  readonly document: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  readonly place: Place;
}

/** `sh` has commands, `console` commands behind `$ ` with their output. */
export const isRun = ({ language }: Block): boolean => language === 'sh' || language === 'console';

export const nameOf = ({ document, line }: Block): string => `${document}:${line}`;

/** The indentation of a list does not belong to a block. */
const fenced =
  /^(?:<!-- (?<mark>(?:runs|tested|not run).*?) -->\n)?(?<indent> *)```(?<language>\S*)\n(?<text>[\s\S]*?)^\k<indent>```$/gm;

export function blocksOf(document: string): readonly Block[] {
  const whole = fs.readFileSync(new URL(document, root), 'utf8');
  return [...whole.matchAll(fenced)].map(({ groups = {}, index }): Block => {
    const { mark, indent = '', language = '', text = '' } = groups;
    const before = whole.slice(0, index).split('\n').length;
    return {
      document,
      line: before + (mark === undefined ? 0 : 1),
      language,
      text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      place: placeOf(mark, `${document}:${before}`),
    };
  });
}

function placeOf(mark: string | undefined, at: string): Place {
  if (mark === undefined) return { where: 'here' };
  const [, tier] = /^runs in test:(host|cluster)$/.exec(mark) ?? [];
  if (tier === 'host' || tier === 'cluster') return { where: tier };
  const [, test] = /^tested by (test\/\S+\.test\.ts)$/.exec(mark) ?? [];
  if (test !== undefined) return { where: 'elsewhere', test };
  const [, reason] = /^not run: (\S.*)$/.exec(mark) ?? [];
  assert.ok(reason !== undefined, `${at}: expected a mark of test/docs/blocks.ts, got ${mark}`);
  return { where: 'nowhere', reason };
}

/** A command as a reader types it, and the lines below it in a `console` block. */
export interface Step {
  readonly command: string;
  readonly output: string;
}

export const allBlocks = (): readonly Block[] => documents.flatMap(blocksOf);

/** Joins lines that end in `\`; drops comments. */
export function stepsOf({ language, text }: Block): readonly Step[] {
  const joined = text.replaceAll(/\\\n\s*/g, '');
  if (language === 'sh')
    return joined
      .split('\n')
      .map((line) => withoutComment(line))
      .filter((command) => command !== '')
      .map((command) => ({ command, output: '' }));
  return [...joined.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm)].map(([, command = '', output = '']) => ({
    command: withoutComment(command),
    output,
  }));
}

const withoutComment = (line: string): string => line.replace(/(?:^|\s+)# .*$/, '').trim();

/** The words of a simple command; undefined where it needs a shell. */
export function wordsOf(command: string): readonly string[] | undefined {
  if (/[|><&;`$(){}*~]/.test(command.replaceAll(/'[^']*'/g, ''))) return undefined;
  return [...command.matchAll(/'([^']*)'|"([^"]*)"|([^\s'"]+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');
}

/** The arguments of a command of ours: `realmem`, `npx realmem` and `kubectl realmem`. */
export function ownArguments(
  words: readonly string[],
): { readonly isPlugin: boolean; readonly args: readonly string[] } | undefined {
  const [first, second, ...rest] = words;
  if (first === 'realmem') return { isPlugin: false, args: words.slice(1) };
  if (second !== 'realmem' || (first !== 'npx' && first !== 'kubectl')) return undefined;
  return { isPlugin: first === 'kubectl', args: rest };
}
