/** The file in which an agent keeps its history: what the checks of a whole machine do not reach. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Config } from '../../src/agent/settings.ts';
import { historyFilesIn } from '../../src/checkpoint/kept-history.ts';
import { encodeCheckpoint } from '../../src/checkpoint/write.ts';
import type { Check } from '../../src/doctor/check.ts';
import { checkHistoryFile } from '../../src/doctor/history-file.ts';
import { History } from '../../src/usage/history.ts';
import { lay, tempDir } from '../temp.ts';
import { at } from './worlds.ts';

const checkOf = (historyDir: string): Check => checkHistoryFile({ historyDir } as Config, 'node-1', at);

const historyAt = (written: number): Record<string, unknown> =>
  JSON.parse(encodeCheckpoint({ node: 'node-1', at: written / 1000, ...new History().kept() }));

/** The check of a directory with this history, and files set aside. */
function checkWith(test: TestContext, history: object, aside: readonly string[] = []): Check {
  const historyDir = tempDir(test);
  const { file } = historyFilesIn(historyDir, 'node-1');
  fs.writeFileSync(file, JSON.stringify(history));
  for (const suffix of aside) fs.writeFileSync(`${file}.aside${suffix}`, 'x');
  return checkOf(historyDir);
}

describe('the check of the history', () => {
  it('is ok where the history is off', () =>
    assert.deepEqual(checkOf('off'), {
      ...{ name: 'history', status: 'ok' },
      message: 'off: verdicts begin anew with each start of an agent',
    }));

  for (const [aheadMs, status, message] of [
    [3_600_000, 'ok', /, written 0 s ago$/],
    [3_601_000, 'fail', /was written 2026-11-30T13:00:01Z, later than the clock shows/],
  ] as const)
    it(`is ${status} for a history that is ${aheadMs / 1000} s ahead of the clock`, (test) => {
      const check = checkWith(test, historyAt(at + aheadMs));
      assert.equal(check.status, status, check.message);
      assert.match(check.message, message);
    });

  it('warns of entries that cannot be read, rather than of files set aside', (test) => {
    const check = checkWith(test, { ...historyAt(at - 60_000), lives: [7, 'x'] }, ['']);
    assert.equal(check.status, 'warn');
    assert.match(check.message, /written 1 min ago; 2 entries cannot be read: lives\[0\]: /);
  });

  it('names three of the files set aside', (test) => {
    const check = checkWith(test, historyAt(at), ['', '.2', '.3', '.4']);
    assert.match(check.message, /set aside because they could not be read: .* and 1 more$/);
    assert.equal(check.todo, 'read them with an agent of their version, or delete them');
  });

  it('fails for the history of a newer agent, and names the versions', (test) => {
    const check = checkWith(test, { ...historyAt(at), version: 1_000 });
    assert.equal(check.status, 'fail');
    assert.match(check.message, /expected version \d+, which this agent writes, got 1000\. The next agent/);
  });

  it('fails for a directory in the place of the file', (test) => {
    const historyDir = tempDir(test);
    const { file } = historyFilesIn(historyDir, 'node-1');
    lay(historyDir, { [`${path.basename(file)}/`]: '' });
    assert.match(checkOf(historyDir).message, /expected a file, got something else\./);
    assert.equal(checkOf(historyDir).status, 'fail');
  });

  it('is ok for a directory that does not exist yet', () =>
    assert.match(checkOf('/nonexistent').message, /^none yet: an agent writes \/nonexistent\//));
});
