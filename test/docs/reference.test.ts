import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { references } from '../../docs/reference/generate.ts';
import { annotationKeys } from '../../src/model/pod.ts';
import { verdicts } from '../../src/model/report.ts';

const pages = await references();
const folder = new URL('../../docs/reference/', import.meta.url);

describe('docs/reference', () => {
  for (const [name, text] of Object.entries(pages))
    it(`has the current ${name}`, () =>
      assert.equal(
        fs.readFileSync(new URL(name, folder), 'utf8'),
        text,
        `docs/reference/${name} differs from the code: run npm run reference`,
      ));

  it('has tables whose rows have as many cells as their headings', () => {
    for (const [name, text] of Object.entries(pages))
      for (const block of text.split('\n\n').filter((one) => one.startsWith('|'))) {
        const cells = block
          .trim()
          .split('\n')
          .map((line) => line.replaceAll('\\|', '').split('|').length);
        assert.equal(new Set(cells).size, 1, `${name}: ${block.slice(0, 80)}`);
        assert.ok(cells.length > 2, `${name}: a table without rows`);
      }
  });

  it('names annotations, verdicts, metrics, flags with their variables, and fields of arrays', () => {
    for (const key of Object.values(annotationKeys)) assert.ok(pages['annotations.md']?.includes(key), key);
    for (const verdict of verdicts) assert.ok(pages['metrics.md']?.includes(`\`${verdict}\``), verdict);
    assert.match(pages['metrics.md'] ?? '', /^\| `process_cpu_seconds_total` \| counter \| seconds \|/m);
    assert.match(
      pages['metrics.md'] ?? '',
      /^\| `realmem_other_real_bytes` \| gauge \| `realmem_cgroup_real_bytes` \|/m,
    );
    assert.match(
      pages['flags.md'] ?? '',
      /^\| `--report-period DURATION` \| `REALMEM_REPORT_PERIOD` \| `reportPeriod` \|/m,
    );
    assert.match(pages['crd.md'] ?? '', /^\| `pods\[\]\.containers\[\]\.real` \| Quantity \|/m);
  });
});
