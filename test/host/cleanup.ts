/** Takes back what a test has made, last made first: after a failure and after Ctrl-C as well. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';

export type Undo = () => void;

/** Everything here is synchronous: a process that is told to end has no time for anything else. */
export class Cleanup {
  private readonly undos: Undo[] = [];

  constructor(test: TestContext) {
    test.after(() => this.run());
    process.once('exit', () => this.run());
    // A test runner that was ended reads no more: without this the process would end at once, and with no `exit`.
    process.stdout.on('error', () => process.exit(1));
    // Not `once`: the test runner sends a second signal, which must not cut this short.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));
  }

  /** @param undo may find its work already done */
  add(undo: Undo): void {
    this.undos.push(undo);
  }

  /** A directory of this test that others may enter: not everything here runs as root. */
  directory(): string {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-test-'));
    fs.chmodSync(directory, 0o755);
    this.add(() => fs.rmSync(directory, { recursive: true, force: true }));
    return directory;
  }

  /** One failure leaves the others to be undone; then it is told. */
  private run(): void {
    const errors: unknown[] = [];
    for (let undo = this.undos.pop(); undo !== undefined; undo = this.undos.pop()) {
      try {
        undo();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'not everything was taken back');
  }
}
