/** Reverts the changes of a test in reverse order, also after a failure and after Ctrl-C. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';

export type Undo = () => void;

/** Everything is synchronous: an `exit` handler cannot wait. */
export class Cleanup {
  private readonly undos: Undo[] = [];

  /** @param test runs `after` at its end. Without a test, everything is reverted when the process ends */
  constructor(test: Pick<TestContext, 'after'>) {
    test.after(() => this.run());
    process.once('exit', () => this.run());
    // If the test runner dies, writing fails. Without this handler the process would end without an `exit` event.
    process.stdout.on('error', () => process.exit(1));
    // Not `once`: the test runner sends a second signal, which must not interrupt this.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));
  }

  /** @param undo must accept that there is nothing left to revert */
  add(undo: Undo): void {
    this.undos.push(undo);
  }

  /** A directory that all users may enter: not every process here runs as root. */
  directory(): string {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-test-'));
    fs.chmodSync(directory, 0o755);
    this.add(() => fs.rmSync(directory, { recursive: true, force: true }));
    return directory;
  }

  /** Runs all, even after a failure, and then throws. */
  private run(): void {
    const errors: unknown[] = [];
    for (let undo = this.undos.pop(); undo !== undefined; undo = this.undos.pop()) {
      try {
        undo();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'could not revert everything');
  }
}
