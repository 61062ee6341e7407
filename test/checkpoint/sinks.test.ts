import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { historyFileSink } from '../../src/checkpoint/file-sink.ts';
import { type HistoryMapOptions, historyMapSink } from '../../src/checkpoint/map-sink.ts';
import { keepFile, whyNotWritten } from '../../src/edges/files.ts';
import { WriteSchedule } from '../../src/publish/schedule.ts';
import { FakeApi } from '../publish/api.ts';
import { apiSubject, offersTo, reportOf, sinkContract } from '../publish/contract.ts';
import { tempDir } from '../temp.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** No other agent uses the file. */
const free = { isMine: async () => true, closed: () => {} };

sinkContract('history file', (test) => {
  const file = path.join(tempDir(test), 'kept', 'node.history.json');
  const clock = { at: 1e12 };
  const sink = historyFileSink({
    ...{ file, keepFile, ...free },
    explain: (error) => whyNotWritten(file, error, '--history-dir'),
    render: ({ metadata }) => metadata.name,
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
  function fileOf() {
    const written: string[] = [];
    const clock = { at: 1e12 };
    const sink = historyFileSink({
      file: '/kept/node.history.json',
      render: ({ metadata }) => metadata.name,
      keepFile: async (_, text) => void written.push(text),
      explain: (error) => new Error(String(error)),
      ...free,
      now: () => clock.at,
    });
    return { sink, written, clock };
  }

  it('is written each minute, so that a killed agent loses at most a minute', async () => {
    const { sink, written, clock } = fileOf();
    let oldest = 0;
    for (let at = 0; at <= 10 * minute; at += 15 * second) {
      clock.at = 1e12 + at;
      await sink.write(reportOf(String(at)));
      oldest = Math.max(oldest, at - Number(written.at(-1)));
    }
    assert.ok(oldest < minute, `${oldest} ms`);
    assert.equal(written.length, 11);
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
      ...{ file: '/kept/node.history.json', render: ({ metadata }) => metadata.name, now: () => 0 },
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
});

function mapOf(more: Partial<HistoryMapOptions> = {}, periodMs = hour) {
  const api = new FakeApi();
  const clock = { at: 1e12 };
  const sink = historyMapSink({
    api,
    path: () => '/configmaps/history-node',
    render: (report) => ({ binaryData: report.metadata.name }),
    schedule: new WriteSchedule({ periodMs: () => periodMs, spreadMs: () => 0, offset: 0, random: () => 1 }),
    now: () => clock.at,
    wanted: () => true,
    reread: async () => {},
    ...more,
  });
  return { api, clock, sink, after: offersTo(sink, api, clock) };
}

sinkContract('history', () => {
  const { api, clock, sink } = mapOf({}, 0);
  return apiSubject(sink, api, clock);
});

describe('the history in the cluster', () => {
  it('is written each hour, even without a change', async () => {
    const { after } = mapOf();
    assert.equal(await after(0), 1);
    assert.equal(await after(30 * minute), 0);
    assert.equal(await after(30 * minute), 1);
  });

  it('is not written before the old one was read', async () => {
    let isRead = false;
    const { after } = mapOf({ wanted: () => isRead });
    assert.equal(await after(0), 0);
    isRead = true;
    assert.equal(await after(second), 1);
  });

  it('is written once more when the agent ends, unless it was written within five minutes', async () => {
    const { after, api, clock, sink } = mapOf();
    await after(0);
    await after(10 * minute);
    clock.at += second;
    await sink.close();
    assert.equal(api.news().length, 1);
    const soon = mapOf();
    await soon.after(0);
    await soon.after(minute);
    await soon.sink.close();
    assert.equal(soon.api.news().length, 0);
  });
});
