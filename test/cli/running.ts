/** A command that runs in this process or in its own. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly ended: Promise<Ran>;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Closes the reading end of its standard output. */
  readonly hangUp: () => void;
  /** Resolves when standard output contains this. */
  readonly prints: (pattern: RegExp) => Promise<RegExpExecArray>;
  /** Resolves when standard error contains this. */
  readonly says: (pattern: RegExp) => Promise<RegExpExecArray>;
}

/** The text of one stream so far. */
export class Printed {
  text = '';
  private isComplete = false;
  private changed = Promise.withResolvers<void>();

  add(text: string): void {
    this.text += text;
    this.changed.resolve();
    this.changed = Promise.withResolvers();
  }

  end(): void {
    this.isComplete = true;
    this.changed.resolve();
  }

  /** Rejects if the stream ends without a match. */
  async matches(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.text);
      if (found) return found;
      if (this.isComplete) throw new Error(`it ended without printing ${pattern}: ${this.text}`);
      await this.changed.promise;
    }
  }
}
