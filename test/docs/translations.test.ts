/** A translation has the sections, the figures and the commands of its original. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { blocksOf, documents, root } from './blocks.ts';

const read = (document: string): string => fs.readFileSync(new URL(document, root), 'utf8');

/** Level and text of each section, without its code blocks. */
const sectionsOf = (text: string): readonly { readonly level: number; readonly text: string }[] =>
  text
    .replaceAll(/^```[\s\S]*?^```$/gm, '')
    .split(/^(?=#+ )/m)
    .filter((section) => section.startsWith('#'))
    .map((section) => ({ level: section.indexOf(' '), text: section }));

/** Sizes, shares, versions and numbers from 10 on. A language may write smaller numbers as words. */
const writtenFigures = (text: string): readonly string[] =>
  [...text.matchAll(/\d+(?:\.\d+)? ?(?:[KMG]iB?|%)|\d+(?:\.\d+)+|\d{2,}/g)]
    .map(([figure]) => figure.replace(' ', ''))
    .toSorted();

/** Names of commands, files and settings stay as they are. */
const codeOf = (text: string): readonly string[] =>
  [...text.matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)].map(([, code = '']) => code).toSorted();

const translations = documents.filter((name) => name.endsWith('.zh-CN.md'));

it('the README and the article have a Chinese version', () =>
  assert.deepEqual(translations, ['README.zh-CN.md', 'docs/why-numbers-differ.zh-CN.md']));

for (const translation of translations) {
  const original = translation.replace('.zh-CN.md', '.md');
  describe(translation, () => {
    const [theirs, ours] = [read(original), read(translation)];

    it('and its original link to each other', () => {
      assert.ok(theirs.includes(`](${path.basename(translation)})`));
      assert.ok(ours.includes(`](${path.basename(original)})`));
    });

    it('has the same sections', () =>
      assert.deepEqual(
        sectionsOf(ours).map(({ level }) => level),
        sectionsOf(theirs).map(({ level }) => level),
      ));

    it('has the same figures and names in each section', () => {
      for (const [index, { text }] of sectionsOf(theirs).entries()) {
        const translated = sectionsOf(ours)[index]?.text ?? '';
        const title = text.slice(0, text.indexOf('\n'));
        assert.deepEqual(writtenFigures(translated), writtenFigures(text), title);
        assert.deepEqual(codeOf(translated), codeOf(text), title);
      }
    });

    it('has the same code blocks', () =>
      assert.deepEqual(
        blocksOf(translation).map(({ text, language, place }) => ({ text, language, place })),
        blocksOf(original).map(({ text, language, place }) => ({ text, language, place })),
      ));
  });
}
