/** The file of the history: when it is written, and that a failed write loses nothing that the next one could write. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { type HistoryFileOptions, historyFileSink } from '../../src/checkpoint/file-sink.ts';
import { keepFile, whyNotWritten } from '../../src/edges/files.ts';
import { reportOf, sinkContract } from '../publish/contract.ts';
import { tempDir } from '../temp.ts';

const second = 1_000;
const minute = 60 * second;

/** No other agent uses the file. */
const free = { isMine: async () => true, closed: () => {} };

sinkContract('history file', (test) => {
  const file = path.join(tempDir(test), 'kept', 'node.history.json');
  const clock = { at: 1e12 };
  const sink = historyFileSink({
    ...{ file, keepFile, ...free },
    explain: (error) => whyNotWritten(file, error, '--history-dir'),
    render: async ({ metadata }) => metadata.name,
    // The next report comes a minute later.
    now: () => (clock.at += minute),
  });
  return {
    sink,
    written: () => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined),
    breakDestination: () => fs.writeFileSync(path.dirname(file), ''),
    mendDestination: () => fs.rmSync(path.dirname(file)),
  };
});

describe('the file of the history', () => {
  function fileOf(more: Partial<HistoryFileOptions> = {}) {
    const written: string[] = [];
    const clock = { at: 1e12 };
    const sink = historyFileSink({
      file: '/kept/node.history.json',
      render: async ({ metadata }) => metadata.name,
      keepFile: async (_, text) => void written.push(text),
      explain: (error) => new Error(String(error)),
      ...free,
      now: () => clock.at,
      ...more,
    });
    return { sink, written, clock };
  }

  it('is written every five minutes, so that a killed agent loses at most five minutes', async () => {
    const { sink, written, clock } = fileOf();
    let oldest = 0;
    for (let at = 0; at <= 60 * minute; at += 15 * second) {
      clock.at = 1e12 + at;
      await sink.write(reportOf(String(at)));
      oldest = Math.max(oldest, at - Number(written.at(-1)));
    }
    assert.equal(oldest, 5 * minute - 15 * second);
  });

  it('is written more often in the first minutes of an agent', async () => {
    const { sink, written, clock } = fileOf();
    for (let at = 0; at <= 20 * minute; at += 15 * second) {
      clock.at = 1e12 + at;
      await sink.write(reportOf(String(at / minute)));
    }
    assert.deepEqual(written.map(Number), [0, 1, 2, 4, 8, 13, 18]);
  });

  it('holds the last report of an agent that ends normally', async () => {
    const { sink, written } = fileOf();
    await sink.write(reportOf('first'));
    await sink.write(reportOf('last'));
    await sink.close();
    assert.deepEqual(written, ['first', 'last']);
    await sink.close();
    assert.equal(written.length, 2);
  });

  it('is not written while another agent uses it, and is released after the last write', async () => {
    const said: string[] = [];
    let isMine = false;
    const sink = historyFileSink({
      ...{ file: '/kept/node.history.json', render: async ({ metadata }) => metadata.name, now: () => 0 },
      keepFile: async (_, text) => void said.push(text),
      explain: (error) => new Error(String(error)),
      isMine: async () => isMine,
      closed: () => said.push('closed'),
    });
    await sink.write(reportOf('first'));
    assert.deepEqual(said, []);
    isMine = true;
    await sink.write(reportOf('second'));
    await sink.write(reportOf('last'));
    await sink.close();
    assert.deepEqual(said, ['second', 'last', 'closed']);
  });

  it('is written up to half a second early, because reports are not exactly on time', async () => {
    const { sink, written, clock } = fileOf();
    for (const at of [0, minute - 501, minute - 500]) {
      clock.at = 1e12 + at;
      await sink.write(reportOf(String(at)));
    }
    assert.deepEqual(written, ['0', String(minute - 500)]);
  });

  it('is written at the next report, not a minute later, after a failed write, which is explained', async () => {
    let isFull = true;
    const kept: string[] = [];
    const { sink } = fileOf({
      keepFile: async (_, text) => {
        if (isFull) throw new Error('ENOSPC');
        kept.push(text);
      },
      explain: (error) => new Error(`the disk is full: ${error}`),
    });
    await assert.rejects(sink.write(reportOf('first')), /^Error: the disk is full: Error: ENOSPC$/);
    isFull = false;
    await sink.write(reportOf('second'));
    assert.deepEqual(kept, ['second']);
  });

  it('is explained too when the history cannot be rendered', async () => {
    const { sink } = fileOf({
      render: async () => {
        throw new RangeError('too long');
      },
    });
    await assert.rejects(sink.write(reportOf('first')), /RangeError: too long/);
  });

  it('keeps the minute from the start of a write that took long', async () => {
    const { sink, written, clock } = fileOf({
      isMine: async () => {
        clock.at += 50 * second;
        return true;
      },
    });
    await sink.write(reportOf('first'));
    clock.at += 10 * second;
    await sink.write(reportOf('second'));
    assert.deepEqual(written, ['first', 'second']);
  });

  it('gets at the end the last report that was not written, even within the minute, and no other', async () => {
    const { sink, written } = fileOf();
    for (const name of ['first', 'skipped', 'last']) await sink.write(reportOf(name));
    await sink.close();
    assert.deepEqual(written, ['first', 'last']);
    const idle = fileOf();
    await idle.sink.close();
    assert.deepEqual(idle.written, []);
  });

  it('is released at the end even when the last write fails or the agent may never write', async () => {
    for (const more of [
      { keepFile: () => Promise.reject(new Error('ENOSPC')) },
      { isMine: () => Promise.reject(new Error('never')) },
      { isMine: async () => false },
    ]) {
      let closes = 0;
      const { sink } = fileOf({ ...more, closed: () => closes++ });
      await sink.write(reportOf('first')).catch(() => {});
      assert.equal(closes, 0);
      await sink.close().catch(() => {});
      assert.equal(closes, 1);
    }
  });

  it('says at the end that the last write failed', async () => {
    let isFull = false;
    const { sink } = fileOf({
      keepFile: () => (isFull ? Promise.reject(new Error('ENOSPC')) : Promise.resolve()),
    });
    await sink.write(reportOf('first'));
    isFull = true;
    await sink.write(reportOf('last'));
    await assert.rejects(sink.close(), /ENOSPC/);
  });

  it('rejects with the reason of an agent that may never write', async () => {
    const { sink } = fileOf({ isMine: () => Promise.reject(new Error('another version wrote it')) });
    await assert.rejects(sink.write(reportOf('first')), /^Error: another version wrote it$/);
  });
});
