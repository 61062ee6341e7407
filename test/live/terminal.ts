/** A terminal for tests: what a program writes to it becomes a screen, read from xterm's buffer. */
import xterm from '@xterm/headless';

export class Emulator {
  private readonly terminal: xterm.Terminal;
  private changed = Promise.withResolvers<void>();
  /** All that was written. */
  written = '';

  constructor(columns: number, rows: number) {
    this.terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  }

  get columns(): number {
    return this.terminal.cols;
  }

  get rows(): number {
    return this.terminal.rows;
  }

  resize(columns: number, rows: number): void {
    this.terminal.resize(columns, rows);
  }

  /** Resolves when the screen shows it. */
  async write(text: string): Promise<void> {
    this.written += text;
    await new Promise<void>((resolve) => this.terminal.write(text, resolve));
    this.changed.resolve();
    this.changed = Promise.withResolvers();
  }

  /** The screen as it is. */
  get lines(): readonly string[] {
    const { active } = this.terminal.buffer;
    return Array.from(
      { length: this.terminal.rows },
      (_, y) => active.getLine(active.baseY + y)?.translateToString(true) ?? '',
    );
  }

  get text(): string {
    return this.lines.join('\n');
  }

  get isAlternate(): boolean {
    return this.terminal.buffer.active.type === 'alternate';
  }

  get hasCursor(): boolean {
    // The terminal tells no program: the last of the two sequences decides.
    return this.written.lastIndexOf('\u001b[?25h') >= this.written.lastIndexOf('\u001b[?25l');
  }

  /** The text of the line that is shown inverse over its whole width; the selected row. */
  get selected(): string | undefined {
    const { active } = this.terminal.buffer;
    for (let y = 0; y < this.terminal.rows; y++) {
      const line = active.getLine(active.baseY + y);
      const cells = Array.from({ length: this.terminal.cols }, (_, x) => line?.getCell(x)?.isInverse());
      if (cells.every((cell) => cell !== 0)) return line?.translateToString(true);
    }
    return undefined;
  }

  /** The text with its colours in braces. */
  get styled(): string {
    const { active } = this.terminal.buffer;
    return Array.from({ length: this.terminal.rows }, (_, y) => {
      let style = '';
      let text = '';
      for (let x = 0; x < this.terminal.cols; x++) {
        const cell = active.getLine(active.baseY + y)?.getCell(x);
        if (cell === undefined || cell.getWidth() === 0) continue;
        const now = `${cell.getFgColor()} ${cell.isBold()} ${cell.isDim()} ${cell.isInverse()}`;
        if (now !== style && now !== '-1 0 0 0') text += `{${now}}`;
        else if (now !== style && style !== '') text += '{}';
        style = now;
        text += cell.getChars() || ' ';
      }
      return text;
    }).join('\n');
  }

  /** Resolves when the screen matches. The runner's limit ends a test that waits in vain. */
  async shows(pattern: RegExp | ((screen: Emulator) => boolean)): Promise<void> {
    const isShown = (): boolean => (pattern instanceof RegExp ? pattern.test(this.text) : pattern(this));
    while (!isShown()) await this.changed.promise;
  }
}
