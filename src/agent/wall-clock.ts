/**
 * What time it is for what is remembered. The machine's clock can be wrong when the agent starts, and can be set while it
 * runs; the time since the machine started cannot. A step shows as a difference between the two.
 */
import type { Condition } from '../model/report.ts';
import { canBeRemembered, dateOf, rfc3339 } from '../model/time.ts';

/** All in milliseconds. */
export interface Clocks {
  /** Since 1970, as the machine says. */
  readonly now: () => number;
  /** Since the machine started: only goes forward. */
  readonly uptime: () => number;
  /** Since 1970: an earlier time is wrong. */
  readonly earliest: number;
}

export interface Moment {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Whether what is seen now may be remembered as of that time. */
  readonly isTrusted: boolean;
}

const minuteMs = 60_000;
/** NTP moves a clock by less than this between two passes. */
const smallestStepMs = minuteMs;
/** A machine may differ from the API server by this: the smallest window of memory is five minutes long. */
const apartMs = 5 * minuteMs;
/** Without an API server, a clock that was set is right when it has held for so long … */
const provenMs = 10 * minuteMs;
/** … and, if it was set forward, for this share of the step: what is dated ahead outweighs all that was seen before. */
const provenShare = 1 / 7;
/** A history that was kept may be this much newer than now: clocks differ. */
const newerMs = 60 * minuteMs;

interface Doubt {
  readonly reason: 'BeforeRelease' | 'BeforeHistory' | 'Stepped' | 'OffTheCluster';
  /** Of the doubted time from uptime. */
  readonly offset: number;
  /** Uptime. */
  readonly since: number;
}

export class WallClock {
  private readonly clocks: Clocks;
  private readonly say: (message: string) => void;
  /** The trusted time less uptime. */
  private offset: number | undefined;
  /** The API server's time less uptime, as it answered last. */
  private served: number | undefined;
  /** The two agreed once: then whichever moves away is the wrong one. */
  private agreed = false;
  private newestKept = Number.NEGATIVE_INFINITY;
  private doubt: Doubt | undefined;
  private message = '';
  /** How often the machine's clock was set, or stood apart from the API server's, since the start. */
  steps = 0;

  /** @param say told of each change for better or worse */
  constructor(clocks: Clocks, say: (message: string) => void) {
    this.clocks = clocks;
    this.say = say;
  }

  /** An API server answered, at this time by its own clock. */
  heard(at: number): void {
    if (this.isPossible(at)) this.served = at - this.clocks.uptime();
  }

  /** A history was kept that was written at this time. */
  knows(at: number): void {
    this.newestKept = Math.max(this.newestKept, at);
  }

  /** Looks at the clocks. */
  read(): Moment {
    const uptime = this.clocks.uptime();
    const shown = this.clocks.now();
    const found = this.judge(shown, uptime);
    if (found === undefined) this.trust(shown - uptime);
    else this.distrust({ reason: found, offset: shown - uptime, since: uptime });
    return this.moment;
  }

  /** The time now, as the last look left it. */
  get moment(): Moment {
    const { offset, clocks } = this;
    return offset === undefined
      ? { at: clocks.now(), isTrusted: false }
      : { at: clocks.uptime() + offset, isTrusted: true };
  }

  get condition(): Condition {
    const { doubt, message } = this;
    return doubt === undefined
      ? { type: 'ClockTrusted', status: 'True', reason: 'Steady', message: 'The clock goes steadily.' }
      : { type: 'ClockTrusted', status: 'False', reason: doubt.reason, message };
  }

  /** Why the time shown is not to be trusted; undefined: it is. */
  private judge(shown: number, uptime: number): Doubt['reason'] | undefined {
    const { offset, served, doubt } = this;
    const now = shown - uptime;
    if (!this.isPossible(shown)) return 'BeforeRelease';
    if (served !== undefined) {
      const isApart = Math.abs(now - served) > apartMs;
      if (!isApart) this.agreed = true;
      const isSteady = offset !== undefined && isNear(offset, now);
      return isApart && !(this.agreed && isSteady) ? 'OffTheCluster' : undefined;
    }
    const held = doubt !== undefined && isNear(doubt.offset, now) ? uptime - doubt.since : 0;
    if (offset === undefined)
      return shown >= this.newestKept - newerMs || held >= provenMs ? undefined : 'BeforeHistory';
    if (isNear(offset, now)) return undefined;
    return held >= Math.max(provenMs, provenShare * (now - offset)) ? undefined : 'Stepped';
  }

  private isPossible(at: number): boolean {
    return at >= this.clocks.earliest && canBeRemembered(at / 1000);
  }

  private trust(offset: number): void {
    this.offset = offset;
    if (this.doubt === undefined) return;
    this.doubt = undefined;
    this.say(`the clock is trusted again: it is ${rfc3339(this.moment.at)}`);
  }

  private distrust(doubt: Doubt): void {
    // The API server's clock is the better one.
    if (this.served !== undefined) this.offset = this.served;
    const before = this.doubt;
    if (before?.reason === doubt.reason && isNear(before.offset, doubt.offset)) return;
    this.doubt = doubt;
    this.steps++;
    this.message = this.explain(doubt);
    this.say(this.message);
  }

  private explain({ reason, offset, since }: Doubt): string {
    const shown = dateOf(offset + since);
    const { at, isTrusted } = this.moment;
    const why = {
      BeforeRelease: `before this version was released (${dateOf(this.clocks.earliest)}) or after 2042`,
      BeforeHistory: `before the history of this node was written (${dateOf(this.newestKept)})`,
      Stepped: `but it should show ${dateOf(at)}: it was set`,
      OffTheCluster: `but the API server's shows ${dateOf(at)}`,
    }[reason];
    const then = isTrusted
      ? `what is seen is remembered as of ${dateOf(at)} and on`
      : 'nothing that is seen goes into the history';
    return `The clock of this machine shows ${shown}, ${why}. Until that is settled ${then}; check the time synchronization.`;
  }
}

const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= smallestStepMs;
