/**
 * Decides which time the history may use. The machine's clock can be wrong at the start, and someone can set it later.
 * Nobody can set the uptime. So the difference between clock and uptime reveals every step of the clock.
 */
import type { Condition } from '../model/report.ts';
import { canBeRemembered, dateOf, rfc3339 } from '../model/time.ts';

/** All in milliseconds. */
export interface Clocks {
  /** Since 1970, by the machine's clock. */
  readonly now: () => number;
  /** Since the machine started; monotonic. */
  readonly uptime: () => number;
  /** Since 1970. An earlier time is wrong. */
  readonly earliest: number;
}

export interface Moment {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Whether the history may store samples with this time. */
  readonly isTrusted: boolean;
}

const minuteMs = 60_000;
/** A smaller change between two passes is not a step: NTP moves a clock by less. */
const smallestStepMs = minuteMs;
/** The clock may differ from that of the API server by this: the shortest window of the history is five minutes. */
const apartMs = 5 * minuteMs;
/** Without an API server, a clock after a step is trusted once it has run steadily for this long … */
const provenMs = 10 * minuteMs;
/** … and, after a step forward, for this share of the step: samples from the future would outweigh all earlier ones. */
const provenShare = 1 / 7;
/** A kept history may be this much newer than now, because clocks differ. */
const newerMs = 60 * minuteMs;

interface Doubt {
  readonly reason: 'BeforeRelease' | 'BeforeHistory' | 'Stepped' | 'OffTheCluster';
  /** The doubted time minus the uptime. */
  readonly offset: number;
  /** The uptime when the doubt began. */
  readonly since: number;
}

export class WallClock {
  private readonly clocks: Clocks;
  private readonly say: (message: string) => void;
  /** The trusted time minus the uptime; undefined before any time was trusted. */
  private offset: number | undefined;
  /** The API server's time minus the uptime, from its last answer. */
  private served: number | undefined;
  /** Whether machine and API server have agreed before. Then the clock that moves away is the wrong one. */
  private agreed = false;
  private newestKept = Number.NEGATIVE_INFINITY;
  private doubt: Doubt | undefined;
  private message = '';
  /** How often a new reason to doubt the clock arose since the start. */
  steps = 0;

  /** @param say receives a message at each change between trust and doubt */
  constructor(clocks: Clocks, say: (message: string) => void) {
    this.clocks = clocks;
    this.say = say;
  }

  /** Takes the time of an answer by the API server's clock. @param at milliseconds since 1970 */
  heard(at: number): void {
    if (this.isPossible(at)) this.served = at - this.clocks.uptime();
  }

  /** Takes the time at which a kept history was written. @param at milliseconds since 1970 */
  knows(at: number): void {
    this.newestKept = Math.max(this.newestKept, at);
  }

  /** Reads the clocks, and decides anew whether to trust them. Once per pass. */
  read(): Moment {
    const uptime = this.clocks.uptime();
    const shown = this.clocks.now();
    const found = this.reasonToDoubt(shown, uptime);
    if (found === undefined) this.trust(shown - uptime);
    else this.distrust({ reason: found, offset: shown - uptime, since: uptime });
    return this.moment;
  }

  /** The time now, by the decision of the last `read`. */
  get moment(): Moment {
    const { offset, clocks } = this;
    return offset === undefined
      ? { at: clocks.now(), isTrusted: false }
      : { at: clocks.uptime() + offset, isTrusted: true };
  }

  get condition(): Condition {
    const { doubt, message } = this;
    return doubt === undefined
      ? { type: 'ClockTrusted', status: 'True', reason: 'Steady', message: 'The clock is steady.' }
      : { type: 'ClockTrusted', status: 'False', reason: doubt.reason, message };
  }

  /** Why not to trust the time shown; undefined: trust it. */
  private reasonToDoubt(shown: number, uptime: number): Doubt['reason'] | undefined {
    const { offset, served, doubt } = this;
    const now = shown - uptime;
    if (!this.isPossible(shown)) return 'BeforeRelease';
    if (served !== undefined) {
      const isApart = Math.abs(now - served) > apartMs;
      if (!isApart) this.agreed = true;
      const isSteady = offset !== undefined && isSameOffset(offset, now);
      return isApart && !(this.agreed && isSteady) ? 'OffTheCluster' : undefined;
    }
    const held = doubt !== undefined && isSameOffset(doubt.offset, now) ? uptime - doubt.since : 0;
    if (offset === undefined)
      return shown >= this.newestKept - newerMs || held >= provenMs ? undefined : 'BeforeHistory';
    if (isSameOffset(offset, now)) return undefined;
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
    // Prefer the clock of the API server.
    if (this.served !== undefined) this.offset = this.served;
    const before = this.doubt;
    if (before?.reason === doubt.reason && isSameOffset(before.offset, doubt.offset)) return;
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
      OffTheCluster: `but that of the API server shows ${dateOf(at)}`,
    }[reason];
    const then = isTrusted
      ? `the history uses the corrected time, now ${dateOf(at)}`
      : 'the history stores no new samples';
    return `The clock of this machine shows ${shown}, ${why}. Until that is fixed, ${then}; check the time synchronization.`;
  }
}

const isSameOffset = (a: number, b: number): boolean => Math.abs(a - b) <= smallestStepMs;
