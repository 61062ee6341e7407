/** The figures in the text of the README and of the article come from the recordings that they show. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { blocksOf, root } from './blocks.ts';

const read = (file: string): string => fs.readFileSync(new URL(file, root), 'utf8');

const sources = [
  'docs/top.svg',
  'docs/why-numbers-differ.svg',
  ...['kubernetes-v1', 'docker-v1', 'lru-classic', 'lru-multi-generational'].flatMap((host) =>
    ['explain.txt', 'explain-all.txt'].map((name) => `fixtures/hosts/${host}/${name}`),
  ),
];

/** Figures that no recording has. */
const others: readonly string[] = [
  // The limit minus what kubectl top shows.
  '104Mi',
  // An example of a request.
  '2Gi',
  // A size of the agent, from docs/performance.md.
  '30MiB',
];

interface Figure {
  readonly value: number;
  readonly unit: string;
  readonly digits: number;
}

const sizesOf = (text: string): readonly Figure[] =>
  [...text.matchAll(/(\d+)(?:\.(\d+))? ?([KMG]i|%)/g)].map(([, whole, fraction = '', unit = '']) => ({
    value: Number(`${whole}.${fraction}`),
    unit,
    digits: fraction.length,
  }));

/** A text may round what a tool prints, and kubectl rounds down. */
const stands = ({ value, unit, digits }: Figure, source: Figure): boolean =>
  unit === source.unit && source.digits >= digits && Math.abs(source.value - value) <= 0.5 * 10 ** -digits;

for (const document of ['README.md', 'docs/why-numbers-differ.md'])
  describe(document, () => {
    it('has no size and no share in its text that none of its recordings has', () => {
      const shown = blocksOf(document).map(({ text }) => text);
      const known = sizesOf([...shown, ...sources.map(read), ...others].join('\n'));
      const prose = read(document).replaceAll(/^```[\s\S]*?^```$/gm, '');
      const unknown = sizesOf(prose).filter((figure) => !known.some((source) => stands(figure, source)));
      assert.deepEqual(unknown, []);
    });
  });
