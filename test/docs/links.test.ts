/** Checks that each link between the documents leads to a file and a heading that exist. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { documents, root } from './blocks.ts';

const proseOf = (url: URL): string => fs.readFileSync(url, 'utf8').replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');

/** As GitHub makes them: lower case, hyphens for spaces, letters of any script, a number after the second of the same name. */
function anchorsOf(url: URL): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = [...proseOf(url).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const plain = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .trim()
      .toLowerCase();
    const anchor = plain.replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '').replaceAll(' ', '-');
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
  return new Set(anchors);
}

for (const document of documents)
  describe(document, () => {
    const here = new URL(document, root);
    const links = [
      ...proseOf(here)
        .replaceAll(/`[^`\n]*`/g, '')
        .matchAll(/\]\(([^)\s]+)\)/g),
    ].map(([, target = '']) => target);

    it('links only to files that exist', () => {
      for (const target of links) {
        if (/^(?:https?|mailto):/.test(target)) continue;
        const file = new URL(target, here);
        file.hash = '';
        assert.ok(fs.existsSync(file), target);
      }
    });

    it('links only to headings that exist', () => {
      for (const target of links) {
        if (/^(?:https?|mailto):/.test(target) || !target.includes('#')) continue;
        const file = new URL(target, here);
        const anchor = decodeURIComponent(file.hash.slice(1));
        file.hash = '';
        if (!file.pathname.endsWith('.md')) continue;
        assert.ok(anchorsOf(file).has(anchor), `${target}: no such heading`);
      }
    });
  });
