/** What `realmem suggest` says for the limit of a workload that has run for two weeks as it was measured: without a probe, and with it. */
import assert from 'node:assert/strict';
import type { Lru } from '../../../src/model/cgroup.ts';
import { rfc3339 } from '../../../src/model/time.ts';
import { keptAnswer } from '../../../src/probe/kept.ts';
import { advise } from '../../../src/recommend/advise.ts';
import { closeWindows } from '../../../src/usage/history.ts';
import { day, keyOf, MiB, minute, monday, type PlayedContainer, play } from '../../usage/made/played.ts';
import type { Memory, Round } from './measure.ts';

const days = 14;
const until = monday + days * day;

export interface SuggestedLimit {
  readonly beforeBytes: number;
  /** Undefined: the answer says nothing that could be kept. */
  readonly afterBytes: number | undefined;
}

/** @param rounds a history of what all of them saw before their probe, over and over. The result has one element for each */
export function suggestedLimits(rounds: readonly Round[], lru: Lru): readonly SuggestedLimit[] {
  const memory = rounds.flatMap((round) => round.memory);
  const at = (seconds: number): Memory => memory[(seconds / minute) % memory.length] as Memory;
  const container: PlayedContainer = {
    pod: 'measured',
    real: (seconds) => at(seconds).realBytes / MiB,
    activeFile: (seconds) => at(seconds).activeFileBytes / MiB,
    inactiveFile: (seconds) => at(seconds).inactiveFileBytes / MiB,
  };
  return rounds.map(({ answer }) => {
    const aggregate = closeWindows(play([container], { days, lru }).kept()).find(keyOf(container));
    assert.ok(aggregate);
    const limit = (): number => {
      const advice = advise(aggregate, until);
      assert.ok(advice);
      return advice.limit.target;
    };
    const beforeBytes = limit();
    const kept = keptAnswer({ at: rfc3339(until * 1000), answer }, until);
    if (typeof kept === 'string') return { beforeBytes, afterBytes: undefined };
    aggregate.probed({ pod: 'measured', ...kept });
    return { beforeBytes, afterBytes: limit() };
  });
}
