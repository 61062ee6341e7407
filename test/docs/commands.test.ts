/** Runs each command block of the documents that can run here, and compares the output that it shows. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { type Block, blocksOf, documents, isRun, nameOf, root, stepsOf } from './blocks.ts';
import { runBlock, shortened, shows } from './run-block.ts';
import { serveDocs } from './shop-with-histories.ts';

const languages = ['sh', 'console', 'text', 'yaml', 'json', 'promql', 'mermaid', 'svg'];

/** What the blocks printed that have run. Those of a Chinese page are equal to those of the English one. */
const printedBy = new Map<string, readonly string[]>();

for (const document of documents) {
  const blocks = blocksOf(document);
  if (blocks.length === 0) continue;
  describe(document, () => {
    it('says the language of each code block, so that none escapes the tests', () => {
      for (const block of blocks)
        assert.ok(languages.includes(block.language), `${nameOf(block)}: \`\`\`${block.language}`);
      const fences = fs.readFileSync(new URL(document, root), 'utf8').match(/^ *```/gm) ?? [];
      assert.equal(fences.length, 2 * blocks.length, 'each block is closed at the indentation of its start');
    });

    for (const block of blocks.filter(isRun)) {
      if (block.place.where === 'elsewhere') {
        const { test } = block.place;
        it(`line ${block.line} has its own test, ${test}`, () =>
          assert.ok(fs.existsSync(new URL(test, root)), test));
      }
      if (block.place.where !== 'here') continue;
      it(`line ${block.line}: ${stepsOf(block)[0]?.command}`, async (test) => {
        const steps = stepsOf(block);
        const key = JSON.stringify(steps);
        const asksCluster = steps.some(({ command }) => command.startsWith('kubectl '));
        const { kubeconfig } =
          asksCluster && !printedBy.has(key) ? await serveDocs(test) : { kubeconfig: '/nonexistent' };
        const printed = printedBy.get(key) ?? (await runBlock(block, kubeconfig, test));
        printedBy.set(key, printed);
        if (block.language === 'console') compare(block, printed);
      });
    }
  });
}

function compare(block: Block, printed: readonly string[]): void {
  const steps = stepsOf(block);
  assert.ok(steps.length > 0, `${nameOf(block)}: expected a line with $`);
  const wrong = steps.findIndex(({ output }, index) => !shows(output, printed[index] ?? ''));
  if (wrong < 0) return;
  if (process.env['UPDATE_GOLDENS'] === '1') update(block, printed);
  else assert.equal(steps[wrong]?.output, printed[wrong]);
}

function update(block: Block, printed: readonly string[]): void {
  const file = new URL(block.document, root);
  const text = stepsOf(block)
    .map(({ command, output }, index) => `$ ${command}\n${shortened(output, printed[index] ?? '')}`)
    .join('');
  const before = fs.readFileSync(file, 'utf8');
  fs.writeFileSync(
    file,
    before.replace(`\n${block.text}`, () => `\n${text}`),
  );
}
