import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fenced, renderMarkdown } from '../../src/layout/markdown.ts';

const columns = [
  { heading: 'POD', cell: ({ pod }: Item) => pod },
  { heading: 'REAL%', right: true, cell: ({ share }: Item) => share },
];
interface Item {
  readonly pod?: string;
  readonly share?: string;
}

const rowOf = (pod: string): string | undefined =>
  renderMarkdown(columns, [{ pod, share: '1' }]).split('\n')[2];

describe('renderMarkdown', () => {
  it('aligns numbers right and shows an absent cell as -', () =>
    assert.equal(
      renderMarkdown(columns, [{ pod: 'cart', share: '3%' }, {}]),
      '| POD | REAL% |\n| --- | ---: |\n| cart | 3% |\n| - | - |\n',
    ));

  const escaped: Readonly<Record<string, string>> = {
    'a|b': 'a\\|b',
    '`rm`': '\\`rm\\`',
    '<script>': '\\<script\\>',
    '[x](y)': '\\[x\\]\\(y\\)',
    '*b*_i_': '\\*b\\*\\_i\\_',
    'a\\|b': 'a\\\\\\|b',
    '&lt;': '\\&lt;',
    '@shop': '@<!-- -->shop',
    'a@b (@shop)': 'a@b \\(@<!-- -->shop\\)',
    'www.example.org': 'www\\.example.org',
    'https://a': 'https\\://a',
    'a\nb\u202ec': 'a\\\\u000ab\\\\u202ec',
  };
  for (const [name, cell] of Object.entries(escaped))
    it(`keeps ${JSON.stringify(name)} from being markup`, () => assert.equal(rowOf(name), `| ${cell} | 1 |`));
});

describe('fenced', () => {
  it('surrounds text with more backticks than any run in it', () => {
    assert.equal(fenced('a\n', 'sh'), '```sh\na\n```\n');
    assert.equal(fenced('`a` ````\n', ''), '`````\n`a` ````\n`````\n');
  });
});
