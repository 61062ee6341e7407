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

  /** A container that was quiet for two days, and the days as they were and an hour later. */
  const afterTwoDays = (real: (at: number) => number) => {
    const history = new History();
    const advice = new Advice(history);
    const one: PlayedContainer = { pod: 'calm-1', real };
    const until = 2 * day + 60 * minute;
    play([one], { days: until / day, stepSeconds: 60 }, history);
    const on = (from: number) => advice.on(cgroupOf(one), (monday + from) * 1000);
    const first = on(until);
    const madeAnew: number[] = [];
    const adviseOn = history.currentAggregateOf.bind(history);
    let now = until;
    history.currentAggregateOf = (named) => {
      madeAnew.push((now - until) / minute);
      return adviseOn(named);
    };
    let last = first;
    for (; now < until + 70 * minute; now += minute) {
      play([one], { days: minute / day, stepSeconds: 60, from: now }, history);
      last = on(now + minute);
    }
    return { first, last, madeAnew };
  };

  it('makes it once an hour while nothing happens', () => {
    const { first, last, madeAnew } = afterTwoDays(() => 50);
    assert.equal(last, first);
    const [begin = 0, end] = madeAnew;
    assert.equal(end, begin + 60, `after so many minutes: ${madeAnew}`);
  });

  it('makes it anew within ten minutes of a new peak', () => {
    const peak = 2 * day + 75 * minute;
    const { first, last, madeAnew } = afterTwoDays((at) => (at >= peak ? 500 : 50));
    assert.ok((madeAnew[0] ?? 0) <= 25, `${madeAnew}`);
    assert.ok((last?.limit.target ?? 0) > 2 * (first?.limit.target ?? 0));
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
