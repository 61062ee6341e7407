/** What a program can do with a terminal that has keys. */

export interface Key {
  /** `up`, `pageup`, `return`, `escape`, `a`; '' for a key without a name. */
  readonly name: string;
  /** The character that it types; '' for none. */
  readonly text: string;
  readonly ctrl: boolean;
  readonly shift: boolean;
}

export interface ScreenUser {
  key(key: Key): void;
  /** Draw everything anew: the size changed, or others wrote to the screen. */
  redraw(): void;
  /** The terminal has gone. */
  hungUp(): void;
}

export interface OpenScreen {
  /** Stops this job like Ctrl-Z, and returns once the shell continues it. */
  suspend(): void;
  /** Restores the terminal. Any end of the process does so too. May be called more than once. */
  close(): void;
}

export interface Terminal {
  /** Whether it can show a screen and read keys. */
  readonly isInteractive: boolean;
  /** Shows an empty alternate screen without a cursor. Typed keys do not echo. */
  open(user: ScreenUser): OpenScreen;
}
