/** The terminal of an `Io`, in this process. */
import type { Io } from '../../src/edges/process.ts';
import type { Key, ScreenUser } from '../../src/edges/terminal/terminal.ts';
import { Emulator } from './terminal.ts';

export class FakeTerminal {
  readonly screen: Emulator;
  suspended = 0;
  private user: ScreenUser | undefined;
  private readonly isSizeTold: boolean;

  constructor(columns: number, rows: number, isSizeTold = true) {
    this.screen = new Emulator(columns, rows);
    this.isSizeTold = isSizeTold;
  }

  get io(): Pick<Io, 'output' | 'terminal'> {
    const sizeOf = (of: 'rows' | 'columns') => (this.isSizeTold ? this.screen[of] : undefined);
    return {
      output: {
        isTerminal: true,
        get lines() {
          return sizeOf('rows');
        },
        get columns() {
          return sizeOf('columns');
        },
        write: (text) => this.screen.write(text),
      },
      terminal: {
        isInteractive: true,
        open: (user) => {
          this.user = user;
          return {
            suspend: () => {
              this.suspended++;
            },
            close: () => {
              this.user = undefined;
            },
          };
        },
      },
    };
  }

  /** @param keys characters, or names of keys: `down`, `return`, `ctrl-c` */
  press(...keys: readonly string[]): void {
    for (const key of keys) this.user?.key(keyOf(key));
  }

  resize(columns: number, rows: number): void {
    this.screen.resize(columns, rows);
    this.user?.redraw();
  }

  hangUp(): void {
    this.user?.hungUp();
  }
}

/** @param key a character, or the name of a key */
export function keyOf(key: string): Key {
  if (key.startsWith('ctrl-')) return { name: key.slice(5), text: '', ctrl: true, shift: false };
  if (key === 'shift-tab') return { name: 'tab', text: '', ctrl: false, shift: true };
  const isTyped = [...key].length === 1;
  const name = isTyped ? key.toLowerCase() : key;
  return { name, text: isTyped ? key : '', ctrl: false, shift: isTyped && key !== name };
}
