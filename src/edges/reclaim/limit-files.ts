/** The two files of cgroup v1 by which a limit is lowered for a moment. */
import fs from 'node:fs';
import { codeOf, describeErrno, LocatedError } from '../../model/located-error.ts';
import { fill } from '../files.ts';

const limitFile = 'memory.limit_in_bytes';
const oomFile = 'memory.oom_control';

/** What these files contain. */
export interface LimitState {
  /** Bytes, as the kernel writes them: JavaScript would round "no limit". */
  readonly limit: string;
  /** `1`: at the limit, tasks wait instead of being killed. */
  readonly oomKillDisable: string;
}

export class LimitFiles {
  readonly where: string;
  private readonly limit: number;
  private readonly oom: number;

  /** @throws LocatedError if this process may not write them */
  constructor(directory: string) {
    this.where = `${directory}/${limitFile}`;
    try {
      this.limit = fs.openSync(this.where, 'r+');
      this.oom = fs.openSync(`${directory}/${oomFile}`, 'r+');
    } catch (error) {
      throw new LocatedError({
        where: this.where,
        expected: 'a writable file',
        got: { message: describeErrno(error) },
        todo: 'run as root, with /sys/fs/cgroup writable',
      });
    }
  }

  /** @throws LocatedError */
  state(): LimitState {
    const limit = textOf(this.limit).trim();
    const oomKillDisable = /^oom_kill_disable ([01])$/m.exec(textOf(this.oom))?.[1];
    if (!/^\d+$/.test(limit) || oomKillDisable === undefined)
      throw new LocatedError({
        where: this.where,
        expected: `a limit, and oom_kill_disable in ${oomFile}`,
        got: limit,
      });
    return { limit, oomKillDisable };
  }

  /**
   * Lowers the limit and raises it again at once. To lower it, the kernel first takes page cache until usage fits, and gives
   * up if it cannot: then the limit stays. Between the two writes nothing is killed: tasks that need more wait for them.
   */
  dip(to: number, before: LimitState): void {
    fs.writeSync(this.oom, '1');
    try {
      fs.writeSync(this.limit, String(to));
    } catch (error) {
      // EBUSY: no more page cache to take. EINTR: a signal. The limit is as before.
      if (!['EBUSY', 'EINTR'].includes(codeOf(error) ?? '')) throw error;
    } finally {
      this.restore(before);
    }
  }

  /** Writes both, even if one fails. Raising a limit also wakes the tasks that wait. */
  restore({ limit, oomKillDisable }: LimitState): void {
    try {
      fs.writeSync(this.limit, limit);
    } finally {
      fs.writeSync(this.oom, oomKillDisable);
    }
  }

  close(): void {
    fs.closeSync(this.limit);
    fs.closeSync(this.oom);
  }
}

/** Bytes: both files are shorter. */
const longest = 4096;

function textOf(descriptor: number): string {
  const buffer = Buffer.alloc(longest);
  return buffer.toString('latin1', 0, fill(descriptor, buffer, 0));
}
