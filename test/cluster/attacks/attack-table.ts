/**
 * The table of docs/security.md: what the test tried with the token of a running agent, and the API server's answer.
 */
import fs from 'node:fs';
import { matchesGolden } from '../../golden.ts';
import type { Attempt } from './attacks.ts';

export type Answer = 'allowed' | 'no right' | 'policy' | 'definition' | 'passed over';

const said: Readonly<Record<Answer, string>> = {
  allowed: '**yes**',
  'no right': 'no: it has no such right (403)',
  policy: 'no: the policy refuses it (422)',
  definition: 'no: the definition of the report refuses it (422)',
  'passed over': 'no: the API passes it over',
};

const page = new URL('../../../docs/security.md', import.meta.url);
const begin = '<!-- The table is made by the test of the policies. -->\n';
const end = '<!-- The end of the table. -->\n';

const groups: readonly (readonly [string, RegExp])[] = [
  ['Pods', /\/pods\b/],
  ['Reports', /\/nodememoryreports\b/],
  ['ConfigMaps', /\/configmaps\b/],
  ['All else', /^/],
];

/** Compares the page with the answers. With UPDATE_GOLDENS=1 it rewrites the page. */
export function matchesPage(answers: ReadonlyMap<Attempt, Answer>): void {
  const text = fs.readFileSync(page, 'utf8');
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  if (from < begin.length || to < from) throw new Error(`docs/security.md lacks ${begin}or ${end}`);
  matchesGolden(page, `${text.slice(0, from)}\n${table(answers)}\n${text.slice(to)}`);
}

function table(answers: ReadonlyMap<Attempt, Answer>): string {
  const left = new Map(answers);
  const sections = groups.map(([title, ofGroup]) => {
    const rows = [...left].filter(([{ path }]) => ofGroup.test(path));
    for (const [attempt] of rows) left.delete(attempt);
    // What the token allows comes first, because readers need it most.
    const sorted = rows.toSorted(([, a], [, b]) => Number(b === 'allowed') - Number(a === 'allowed'));
    const lines = sorted.map(([{ what }, answer]) => `| ${what} | ${said[answer]} |\n`).join('');
    return `| **${title}** | |\n${lines}`;
  });
  return `| What is tried with the token of a node's agent | Is it done? |\n|---|---|\n${sections.join('')}`;
}

/** The attempts that have a row on the page. */
export const rows = (): readonly string[] =>
  [...fs.readFileSync(page, 'utf8').matchAll(/^\| ([^*|].*?) \| (?:\*\*yes|no:)/gm)].map(
    ([, what = '']) => what,
  );
