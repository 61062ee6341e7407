/** Watches of plain files: inotify reports them like files of the kernel. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { EventPace, PacedWatch } from '../../../src/edges/watch/paced-watch.ts';
import { tempDir } from '../../temp.ts';

interface Looked {
  readonly file: string;
  /** What each check found in the file. */
  readonly checks: string[];
  readonly watch: PacedWatch;
  /** Resolves at the next check for which this is true. */
  until(isIt: (text: string) => boolean): Promise<void>;
}

/** A file, and a watch whose checks read it. */
function watched(test: TestContext, longestWaitMs = 100, pace = new EventPace(1_000, 1_000)): Looked {
  const file = path.join(tempDir(test), 'memory.events');
  fs.writeFileSync(file, '0');
  const checks: string[] = [];
  let isIt = (_: string): boolean => false;
  let done = (): void => {};
  const watch = new PacedWatch({
    ...{ file, pace, firstWaitMs: 10, longestWaitMs },
    check() {
      const text = fs.readFileSync(file, 'utf8');
      const isNew = text !== checks.at(-1);
      checks.push(text);
      if (isIt(text)) done();
      return isNew;
    },
    onLost: (error) => assert.fail(String(error)),
  });
  test.after(() => watch.close());
  const until = (wanted: (text: string) => boolean): Promise<void> =>
    new Promise((resolve) => {
      isIt = wanted;
      done = resolve;
    });
  return { file, checks, watch, until };
}

describe('a paced watch', () => {
  it('checks once a file has changed, and again until it is quiet', async (test) => {
    const { file, checks, until } = watched(test);
    const first = until((text) => text === '1');
    fs.writeFileSync(file, '1');
    await first;
    assert.deepEqual(checks, ['1']);
    // Quiet: one check before the watch is back, and one after.
    await until(() => checks.length === 3);
    assert.deepEqual(checks, ['1', '1', '1']);
  });

  it('sees a change after each quiet time', async (test) => {
    const { file, checks, until } = watched(test);
    for (let change = 1; change <= 3; change++) {
      const seen = until((text) => text === String(change));
      fs.writeFileSync(file, String(change));
      await seen;
      await until(() => checks.length % 3 === 0);
    }
    assert.deepEqual([...new Set(checks)], ['1', '2', '3']);
  });

  it('checks a file that changes all the time only as often as the pace allows, and sees the last change', async (test) => {
    const { file, checks, until } = watched(test, 40, new EventPace(50, 5));
    const began = performance.now();
    let change = 0;
    const writing = setInterval(() => {
      for (let times = 0; times < 50; times++) fs.writeFileSync(file, String(++change));
    }, 1);
    await until(() => checks.length >= 20);
    clearInterval(writing);
    const seconds = (performance.now() - began) / 1000;
    // A burst, then 50 a second; each wait may lead to a second check when the watch is back.
    assert.ok(checks.length <= 2 * (1 + 5 + 50 * seconds), `${checks.length} checks in ${seconds} s`);
    assert.ok(change > 20 * checks.length, `${change} changes, ${checks.length} checks`);
    if (checks.at(-1) !== String(change)) await until((text) => text === String(change));
  });

  it('is quiet once it is closed, even during a wait', async (test) => {
    const { file, checks, watch, until } = watched(test);
    const seen = until((text) => text === '1');
    fs.writeFileSync(file, '1');
    await seen;
    watch.close();
    const other = watched(test);
    fs.writeFileSync(file, '2');
    fs.writeFileSync(other.file, '2');
    // Both files changed at the same moment: by the end of this wait the first watch would have checked.
    await other.until(() => other.checks.length === 3);
    assert.deepEqual(checks, ['1']);
  });

  it('throws for a file that does not exist', (test) => {
    const file = path.join(tempDir(test), 'none');
    const pace = new EventPace(20, 20);
    const open = () =>
      new PacedWatch({
        file,
        pace,
        firstWaitMs: 10,
        longestWaitMs: 100,
        check: () => false,
        onLost: () => {},
      });
    assert.throws(open, { code: 'ENOENT' });
  });

  it('reports a file that is gone after a wait', async (test) => {
    const file = path.join(tempDir(test), 'memory.events');
    fs.writeFileSync(file, '0');
    const lost = Promise.withResolvers<unknown>();
    const check = (): boolean => {
      fs.rmSync(file, { force: true });
      return false;
    };
    const watch = new PacedWatch({
      file,
      pace: new EventPace(20, 20),
      firstWaitMs: 10,
      longestWaitMs: 100,
      check,
      onLost: lost.resolve,
    });
    test.after(() => watch.close());
    fs.writeFileSync(file, '1');
    assert.equal(((await lost.promise) as NodeJS.ErrnoException).code, 'ENOENT');
  });
});

describe('a pace', () => {
  it('lets a burst through at once, and then makes each check wait longer', () => {
    const pace = new EventPace(20, 10);
    const waits = Array.from({ length: 30 }, () => pace.wait(0));
    assert.deepEqual(waits.slice(0, 10), Array<number>(10).fill(0));
    const late = waits.slice(12);
    assert.ok(
      late.every((wait, index) => wait > (late[index - 1] ?? 0)),
      String(waits),
    );
  });

  it('gives a burst of them without a wait, and then none', () => {
    const pace = new EventPace(0.001, 3);
    assert.deepEqual(
      Array.from({ length: 5 }, () => pace.takeNow()),
      [true, true, true, false, false],
    );
  });

  it('waits at least as long as asked', () => assert.equal(new EventPace(20, 10).wait(30), 30));
});
