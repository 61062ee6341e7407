import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Advice } from '../../src/recommend/advice.ts';
import { History } from '../../src/usage/history.ts';
import { cgroupOf, day, MiB, minute, monday, type PlayedContainer, play } from '../usage/made/played.ts';

describe('the advice on a node', () => {
  const span = (seconds: number): { readonly days: number; readonly stepSeconds: number } => ({
    days: seconds / day,
    stepSeconds: 10,
  });

  it('covers a new container as soon as it has a name, and keeps the recent advice on others', () => {
    const history = new History();
    const advice = new Advice(history);
    const old: PlayedContainer = { pod: 'old-1', workload: 'Deployment/old', real: () => 50 };
    const young: PlayedContainer = { pod: 'young-1', real: () => 80 };
    play([old], span(10 * minute), history);
    const first = advice.on(cgroupOf(old), (monday + 10 * minute) * 1000);
    assert.ok(first !== undefined);
    play([old, young], { ...span(10), from: 10 * minute }, history);
    const at = (monday + 10 * minute + 10) * 1000;
    assert.ok((advice.on(cgroupOf(young), at)?.limit.target ?? 0) >= 80 * MiB);
    assert.equal(advice.on(cgroupOf(old), at), first);
  });

  it('rises with a container that grows in its first minutes', () => {
    const history = new History();
    const advice = new Advice(history);
    const grows: PlayedContainer = { pod: 'grows-1', real: (at) => 10 + at };
    for (let from = 0; from < 8 * minute; from += 10) {
      play([grows], { ...span(10), from }, history);
      advice.on(cgroupOf(grows), (monday + from) * 1000);
    }
    const last = advice.on(cgroupOf(grows), (monday + 8 * minute) * 1000);
    assert.ok((last?.limit.target ?? 0) > 240 * MiB, `${last?.limit.target}`);
  });

  it('falls due at other times for other containers, within ten minutes', () => {
    const history = new History();
    const advice = new Advice(history);
    const all = Array.from({ length: 40 }, (_, index): PlayedContainer => {
      const workload = `Deployment/app-${index}`;
      // It grows by more than a renewal ignores.
      return { pod: `app-${index}-1`, workload, real: (at) => 50 + at / 60 };
    });
    play(all, span(60 * minute), history);
    const onAll = (from: number) => all.map((one) => advice.on(cgroupOf(one), (monday + from) * 1000));
    let last = onAll(60 * minute);
    const renewed: number[] = [];
    for (let from = 60 * minute; from < 70 * minute; from += minute) {
      play(all, { ...span(minute), from }, history);
      const now = onAll(from + minute);
      renewed.push(now.filter((one, index) => one !== last[index]).length);
      last = now;
    }
    assert.ok(Math.max(...renewed) <= 12, renewed.join(' '));
    assert.ok(renewed.filter((count) => count > 0).length >= 5, renewed.join(' '));
  });

  /** Containers after two days, and then minute by minute for more than an hour. */
  const afterTwoDays = (
    real: (at: number) => number,
    event?: (history: History, minutes: number) => void,
  ) => {
    const history = new History();
    const advice = new Advice(history);
    const all = Array.from({ length: 12 }, (_, index): PlayedContainer => {
      return { pod: `calm-${index}-1`, workload: `Deployment/calm-${index}`, real };
    });
    const until = 2 * day + 60 * minute;
    play(all, { days: until / day, stepSeconds: 60 }, history);
    const onAll = (at: number) => all.map((one) => advice.on(cgroupOf(one), (monday + at) * 1000));
    const first = onAll(until);
    const made = new Map<string, number[]>();
    let minutes = 0;
    const current = history.currentAggregateOf.bind(history);
    history.currentAggregateOf = (named) => {
      made.set(named.key.workload, [...(made.get(named.key.workload) ?? []), minutes]);
      return current(named);
    };
    const later = Array.from({ length: 75 }, () => {
      play(all, { days: minute / day, stepSeconds: 60, from: until + minutes * minute }, history);
      minutes++;
      event?.(history, minutes);
      return onAll(until + minutes * minute);
    });
    return { first, later, made: [...made.values()] };
  };

  it('makes it once an hour while nothing happens', () => {
    const { first, later, made } = afterTwoDays(() => 50);
    assert.deepEqual(later.at(-1), first);
    assert.equal(made.length, 12);
    for (const [begin = 0, next = 75] of made)
      assert.ok(next >= begin + 55, `after so many minutes: ${made}`);
    for (const minutes of made) assert.ok((minutes[0] ?? 75) <= 60, `${made}`);
  });

  it('makes it anew within ten minutes of a new peak, before its hour and its five minutes are over', () => {
    const peakAfter = 13;
    const { first, later } = afterTwoDays((at) => (at >= 2 * day + (60 + peakAfter) * minute ? 500 : 50));
    for (const [index, before] of first.entries()) {
      const raised = later.findIndex(
        (now) => (now[index]?.limit.target ?? 0) > 2 * (before?.limit.target ?? 0),
      );
      assert.ok(raised >= peakAfter && raised <= peakAfter + 10, `${raised}`);
    }
  });

  it('makes it anew within ten minutes of a roll-out', () => {
    const rollOutAfter = 22;
    const { made } = afterTwoDays(
      () => 50,
      (history, minutes) => {
        if (minutes !== rollOutAfter) return;
        for (const { aggregate } of history.kept().aggregates) aggregate.created(2, monday + 2 * day);
      },
    );
    for (const minutes of made)
      assert.ok(
        minutes.some((at) => at >= rollOutAfter && at <= rollOutAfter + 10),
        `${minutes}`,
      );
  });

  it('looks again in the next report while a container has none', () => {
    const history = new History();
    const advice = new Advice(history);
    let real: number | undefined;
    const one: PlayedContainer = { pod: 'late-1', real: () => real };
    const real50: PlayedContainer = { pod: 'late-1', real: () => 50 };
    play([one], { days: 15 / day, stepSeconds: 15 }, history);
    assert.equal(advice.on(cgroupOf(one), (monday + 15) * 1000), undefined);
    real = 50;
    play([real50], { days: 30 / day, stepSeconds: 15, from: 15 }, history);
    assert.ok(advice.on(cgroupOf(one), (monday + 45) * 1000) !== undefined);
  });

  it('raises the limit above the killed one right after an OOM kill', () => {
    const history = new History();
    const advice = new Advice(history);
    const killed: PlayedContainer = { pod: 'killed-1', real: () => 90, limit: 200, kills: [61 * minute] };
    play([killed], span(60 * minute), history);
    const before = advice.on(cgroupOf(killed), (monday + 60 * minute) * 1000);
    play([killed], { ...span(2 * minute), from: 60 * minute }, history);
    const after = advice.on(cgroupOf(killed, 1), (monday + 62 * minute) * 1000);
    assert.ok((before?.limit.target ?? 0) < 190 * MiB);
    assert.ok((after?.limit.target ?? 0) > 200 * MiB);
  });
});
