/** Reads what the guest prints. */
import type { Cost } from '../cost.ts';
import type { Turn } from '../turns.ts';

/** Lines begin with `@`. All others are messages of programs. */
export class PrintedTurns {
  readonly turns: Turn[] = [];
  isDone = false;
  private program = '';
  private period = 0;
  private round = 0;
  private nanoseconds = 0;
  private readonly before = new Map<string, number>();
  private seconds = 0;
  private figures = 0;
  private readonly memory = new Map<string, number>();

  /** @returns the turn that this line ends */
  read(line: string): Turn | undefined {
    const [key = '', first = '', second = '', third = ''] = line.split(' ');
    if (key === '@turn') {
      [this.program, this.period, this.round] = [first, Number(second), Number(third)];
      this.nanoseconds = 0;
      this.before.clear();
    } else if (key === '@before') this.before.set(first, Number(second));
    else if (key === '@after') this.nanoseconds += Number(second) - (this.before.get(first) ?? 0);
    else if (key === '@time') this.seconds = Number(second) - Number(first);
    else if (key === '@Rss' || key === '@Anonymous') this.memory.set(key, Number(first) * 1024);
    else if (key === '@figures') this.figures = Number(first);
    else if (key === '@done') this.isDone = true;
    else if (key === '@end') return this.end();
    return undefined;
  }

  private end(): Turn {
    const { program, period, round, figures } = this;
    if (figures === 0) throw new Error(`${program} in the guest: expected figures of containers, got none`);
    const cost: Cost = {
      cpuMs: this.nanoseconds / 1e6 / this.seconds,
      rssBytes: this.memory.get('@Rss') ?? Number.NaN,
      anonymousBytes: this.memory.get('@Anonymous') ?? Number.NaN,
    };
    const turn: Turn = {
      ...{ program: program === 'realmem' ? 'realmem' : 'cAdvisor', period, round, load: 'calm' },
      ...cost,
    };
    this.turns.push(turn);
    return turn;
  }
}
