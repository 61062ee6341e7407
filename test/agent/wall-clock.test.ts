import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WallClock } from '../../src/agent/wall-clock.ts';
import { releasedAt } from '../../src/model/product.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;
/** The true time at which the machine started. */
const start = releasedAt + 30 * day;

/** A machine whose clock differs from the true time by `off`. */
class Machine {
  off = 0;
  uptime = 100 * second;
  readonly messages: string[] = [];
  readonly clock = new WallClock(
    { now: () => start + this.uptime + this.off, uptime: () => this.uptime, earliest: releasedAt },
    (message) => this.messages.push(message),
  );

  get now(): number {
    return start + this.uptime;
  }

  /**
   * Runs passes every 5 s for some time.
   * @returns how far the time of the last pass is from the true time; undefined: not trusted
   */
  after(ms: number): number | undefined {
    for (const end = this.uptime + ms; this.uptime < end; ) {
      this.uptime += 5 * second;
      this.clock.read();
    }
    const { at, isTrusted } = this.clock.moment;
    return isTrusted ? at - this.now : undefined;
  }

  get status(): string {
    const { status, reason } = this.clock.condition;
    return `${status} ${reason}`;
  }
}

describe('a clock that is set while the agent runs', () => {
  for (const [name, step] of [
    ['an hour back', -hour],
    ['seven days ahead', 7 * day],
    ['to 1970', -start],
    ['a year ahead', year],
    ['beyond the last valid date', 1e16],
  ] as const)
    it(`${name}: samples keep the right time, and the agent says so once until the clock is right again`, () => {
      const machine = new Machine();
      machine.after(minute);
      machine.off = step;
      assert.equal(machine.after(5 * minute), 0);
      assert.match(machine.status, /^False (Stepped|BeforeRelease)$/);
      assert.equal(machine.clock.steps, 1);
      assert.equal(machine.messages.length, 1);
      assert.match(
        machine.clock.condition.message,
        /^The clock of this machine shows .*check the time synchronization\.$/,
      );
      machine.off = 0;
      assert.equal(machine.after(5 * second), 0);
      assert.equal(machine.status, 'True Steady');
      assert.equal(machine.messages.length, 2);
    });

  it('is followed if it moves by less than a minute, as with NTP', () => {
    const machine = new Machine();
    machine.after(minute);
    machine.off = -40 * second;
    assert.equal(machine.after(5 * second), -40 * second);
    assert.equal(machine.status, 'True Steady');
  });

  it('is trusted after ten minutes, and after a step forward once a seventh of the step has passed', () => {
    for (const [step, soon, later] of [
      [-hour, 9 * minute, 2 * minute],
      [-year, 9 * minute, 2 * minute],
      [10 * minute, 9 * minute, 2 * minute],
      // The machine was paused for a week.
      [7 * day, 23 * hour, 2 * hour],
    ] as const) {
      const machine = new Machine();
      // The clock was a year ahead, and is now set back by a year.
      machine.off = Math.max(0, -step);
      machine.after(minute);
      const before = machine.off;
      machine.off += step;
      assert.equal(machine.after(soon), before, `${step}`);
      assert.equal(machine.after(later), before + step, `${step}`);
      assert.equal(machine.status, 'True Steady');
    }
  });

  it('is trusted only after it has run steadily, if it is set again and again', () => {
    const machine = new Machine();
    machine.after(minute);
    for (let index = 0; index < 40; index++) {
      machine.off = ((index % 7) - 3) * hour;
      assert.equal(machine.after(8 * minute), 0);
    }
  });
});

describe('a clock that is wrong at the start', () => {
  it('gives no sample a time while it shows 1970', () => {
    const machine = new Machine();
    machine.off = -start;
    assert.equal(machine.after(hour), undefined);
    assert.equal(machine.status, 'False BeforeRelease');
    assert.match(machine.clock.condition.message, /shows 1970-01-01T.*the history stores no new samples/);
    machine.off = 0;
    assert.equal(machine.after(5 * second), 0);
  });

  it('waits if it is older than the kept history, until the clock proves right', () => {
    const machine = new Machine();
    machine.clock.knows(machine.now - minute);
    machine.off = -10 * day;
    assert.equal(machine.after(5 * minute), undefined);
    assert.equal(machine.status, 'False BeforeHistory');
    machine.off = 0;
    assert.equal(machine.after(5 * second), 0);
    // A clock that was a year ahead dated the history.
    const other = new Machine();
    other.clock.knows(other.now + year);
    assert.equal(other.after(9 * minute), undefined);
    assert.equal(other.after(2 * minute), 0);
  });
});

describe('a clock beside that of an API server', () => {
  const hears = (machine: Machine, off = 0): void => machine.clock.heard(machine.now + off);

  it('gives way to the API server if it is wrong, at the start and later', () => {
    for (const off of [-start, -day, -hour, 7 * day, year]) {
      const machine = new Machine();
      machine.off = off;
      hears(machine);
      assert.equal(machine.after(3 * hour), 0, `${off}`);
      assert.match(machine.status, /^False (OffTheCluster|BeforeRelease)$/);
      machine.off = 0;
      assert.equal(machine.after(5 * second), 0);
      assert.equal(machine.status, 'True Steady');
      machine.off = off;
      assert.equal(machine.after(3 * day), 0, `${off}`);
    }
  });

  it('is trusted at once if both moved, since the machine was paused', () => {
    const machine = new Machine();
    hears(machine);
    machine.after(minute);
    machine.off = 7 * day;
    machine.after(5 * second);
    hears(machine, 7 * day);
    assert.equal(machine.after(5 * second), 7 * day);
    assert.equal(machine.status, 'True Steady');
  });

  it('keeps its time if the clock of the server moves, even to 1970', () => {
    const machine = new Machine();
    hears(machine);
    machine.after(minute);
    hears(machine, year);
    assert.equal(machine.after(hour), 0);
    assert.equal(machine.status, 'True Steady');
    hears(machine, -start);
    assert.equal(machine.after(hour), 0);
  });
});

it('the release date of this version is in the past', () => assert.ok(Date.now() > releasedAt));
