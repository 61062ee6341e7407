/** The ConfigMap of the history: when it is written, what it waits for, and what it does after a refusal. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type HistoryMapOptions, historyMapSink } from '../../src/checkpoint/map-sink.ts';
import { ApiError } from '../../src/kube/api-error.ts';
import { WriteSchedule } from '../../src/publish/schedule.ts';
import { FakeApi, faultOf } from '../publish/api.ts';
import { apiSubject, offersTo, reportOf, sinkContract } from '../publish/contract.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

function mapOf(more: Partial<HistoryMapOptions> = {}, periodMs = hour) {
  const api = new FakeApi();
  const clock = { at: 1e12 };
  const sink = historyMapSink({
    api,
    path: () => '/configmaps/history-node',
    render: async (report) => ({ binaryData: report.metadata.name }),
    schedule: new WriteSchedule({ periodMs: () => periodMs, spreadMs: () => 0, offset: 0, random: () => 1 }),
    now: () => clock.at,
    wanted: () => true,
    reread: async () => {},
    probes: () => 0,
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

  it('is merged with what another agent wrote there before each write', async () => {
    const order: string[] = [];
    const { sink } = mapOf({
      reread: async () => void order.push('reread'),
      render: async () => {
        order.push('render');
        return {};
      },
    });
    await sink.write(reportOf('first'));
    assert.deepEqual(order, ['reread', 'render']);
  });

  it('is written at once after a probe, then every five minutes at most, and not while it backs off', async () => {
    let probes = 0;
    const { after, api } = mapOf({ probes: () => probes });
    assert.equal(await after(0), 1);
    probes++;
    assert.equal(await after(second), 1);
    assert.equal(await after(second), 0);
    probes++;
    assert.equal(await after(4 * minute), 0);
    assert.equal(await after(minute), 1);
    probes++;
    api.refuse = () => faultOf(429, 20 * minute);
    await assert.rejects(after(6 * minute), ApiError);
    api.refuse = undefined;
    api.news();
    assert.equal(await after(10 * minute), 0);
    assert.equal(await after(15 * minute), 1);
  });

  it('is not written when the re-read shows that it must not be', async () => {
    let isWanted = true;
    const { after } = mapOf({
      wanted: () => isWanted,
      reread: async () => {
        isWanted = false;
      },
    });
    assert.equal(await after(0), 0);
    isWanted = true;
    assert.equal(await after(0), 0);
  });

  it('is not written when the re-read fails, and its schedule waits as long as the API asks', async () => {
    let isDown = true;
    const { after, api } = mapOf({
      reread: async () => {
        if (isDown) throw faultOf(429, 10 * minute);
      },
    });
    await assert.rejects(after(0), ApiError);
    assert.deepEqual(api.news(), []);
    isDown = false;
    assert.equal(await after(12.5 * minute - 1), 0);
    assert.equal(await after(1), 1);
  });

  it('is written again soon after the API refused it, not an hour later', async () => {
    const { after, api } = mapOf();
    api.refuse = () => faultOf(500);
    await assert.rejects(after(0), ApiError);
    api.refuse = undefined;
    api.news();
    let waited = 0;
    while ((await after(second)) === 0) waited += second;
    assert.ok(waited < 5 * minute, `${waited} ms`);
  });

  it('counts as a failure that cannot be rendered, and rejects with the reason', async () => {
    const { sink } = mapOf({
      render: async () => {
        throw new Error('too large');
      },
    });
    await assert.rejects(sink.write(reportOf('first')), /^Error: too large$/);
  });

  it('is sent as one apply of the object to its path', async () => {
    const { sink, api } = mapOf();
    await sink.write(reportOf('first'));
    const [call] = api.news();
    assert.match(call?.path ?? '', /^\/configmaps\/history-node\b/);
    assert.deepEqual(call?.body, { binaryData: 'first' });
  });
});

describe('the last write of the history', () => {
  it('comes five minutes after the last write or later, and not a millisecond before', async () => {
    for (const [wait, expected] of [
      [5 * minute - 1, 0],
      [5 * minute, 1],
    ] as const) {
      const { after, api, clock, sink } = mapOf();
      await after(0);
      await after(minute, 'last');
      clock.at += wait - minute;
      await sink.close();
      const calls = api.news();
      assert.equal(calls.length, expected);
      if (expected === 1) assert.deepEqual(calls[0]?.body, { binaryData: 'last' });
    }
  });

  it('comes at once if it has an answer of a probe that no earlier write had', async () => {
    let probes = 0;
    const { after, api, clock, sink } = mapOf({ probes: () => probes });
    await after(0);
    probes++;
    assert.equal(await after(second), 1);
    probes++;
    assert.equal(await after(second), 0);
    clock.at += second;
    await sink.close();
    assert.equal(api.news().length, 1);
    await sink.close();
    assert.equal(api.news().length, 0);
  });

  it('counts the five minutes from the last write, however long the agent runs', async () => {
    const { after, api, clock, sink } = mapOf();
    await after(0);
    assert.equal(await after(hour), 1);
    await after(minute);
    clock.at += minute;
    await sink.close();
    assert.deepEqual(api.news(), []);
  });

  it('is left out without a report since the last write', async () => {
    const { after, api, clock, sink } = mapOf();
    await after(0);
    clock.at += hour;
    await sink.close();
    assert.deepEqual(api.news(), []);
    const idle = mapOf();
    await idle.sink.close();
    assert.deepEqual(idle.api.news(), []);
  });

  it('of an agent that never wrote counts the five minutes from its first report', async () => {
    let isRead = false;
    const { after, api, clock, sink } = mapOf({ wanted: () => isRead });
    await after(0);
    await after(2 * minute);
    clock.at += 3 * minute;
    isRead = true;
    await sink.close();
    assert.equal(api.news().length, 1);
  });

  it('is left out, without a re-read, while the history was not read', async () => {
    let rereads = 0;
    const { after, api, clock, sink } = mapOf({
      wanted: () => false,
      reread: async () => {
        rereads++;
      },
    });
    await after(0);
    clock.at += hour;
    await sink.close();
    assert.deepEqual([api.news(), rereads], [[], 0]);
  });

  it('that fails does not keep the agent from ending', async () => {
    const { after, api, clock, sink } = mapOf();
    await after(0);
    await after(minute);
    clock.at += hour;
    api.refuse = () => faultOf(500);
    await sink.close();
    assert.equal(api.news().length, 1);
  });
});
