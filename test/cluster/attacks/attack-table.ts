/**
 * The table of docs/security.md: what the test tried with the token of a running agent, and what the API server answered.
 */
import fs from 'node:fs';
import { matchesGolden } from '../../golden.ts';
import type { Attempt } from './attacks.ts';

export type Answer = 'allowed' | 'no right' | 'policy' | 'definition' | 'ignored';

const wordings: Readonly<Record<Answer, string>> = {
  allowed: '**yes**',
  'no right': 'no: RBAC grants no such right (403)',
  policy: 'no: an admission policy refuses it (422)',
  definition: 'no: the schema of the CRD refuses it (422)',
  ignored: 'no: the API server ignores it',
};

const page = new URL('../../../docs/security.md', import.meta.url);
const begin = '<!-- test/cluster/policy.test.ts writes this table. -->\n';
const end = '<!-- End of the table. -->\n';

const groups: readonly (readonly [string, RegExp])[] = [
  ['Pods', /\/pods\b/],
  ['Reports', /\/nodememoryreports\b/],
  ['ConfigMaps', /\/configmaps\b/],
  ['Other objects', /^/],
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
    const lines = sorted.map(([{ what }, answer]) => `| ${what} | ${wordings[answer]} |\n`).join('');
    return `| **${title}** | |\n${lines}`;
  });
  return `| With the token of a node's agent | Allowed? |\n|---|---|\n${sections.join('')}`;
}

/** The attempts that have a row in the table of the page. */
export const rows = (): readonly string[] =>
  [...fs.readFileSync(page, 'utf8').matchAll(/^\| ([^*|].*?) \| (?:\*\*yes|no:)/gm)].map(
    ([, what = '']) => what,
  );
