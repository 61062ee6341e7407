/** The terminal as a screen with keys: raw mode, the alternate screen, the signals of a job. */
import fs from 'node:fs';
import readline from 'node:readline';
import { PassThrough } from 'node:stream';
import tty from 'node:tty';
import { codeOf } from '../../model/located-error.ts';
import type { OpenScreen, ScreenUser, Terminal } from './terminal.ts';

/** Alternate screen, hidden cursor, no wrapping at the right edge. */
const enter = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J';
const leave = '\u001b[?2026l\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l';

/** An escape sequence arrives within this time. After it, ESC was the key. */
const escapeMs = 50;

export const processTerminal = (env: Readonly<Record<string, string | undefined>>): Terminal => ({
  get isInteractive() {
    return tty.isatty(0) && tty.isatty(1) && env['TERM'] !== 'dumb';
  },
  open: openScreen,
});

function openScreen(user: ScreenUser): OpenScreen {
  const { stdin, stdout } = process;
  let isOpen = true;
  const show = (text: string): void => {
    try {
      fs.writeSync(1, text);
    } catch (error) {
      // A terminal that has gone needs no restoring.
      if (codeOf(error) === undefined) throw error;
    }
  };
  const take = (): void => {
    stdin.setRawMode(true);
    show(enter);
  };
  const restore = (): void => {
    show(leave);
    stdin.setRawMode(false);
  };
  // The shell may have changed the modes of the terminal meanwhile.
  const retake = (): void => {
    stdin.setRawMode(false);
    take();
    user.redraw();
  };
  const stop = (): void => {
    restore();
    // Without a handler the kernel stops the process here, or ignores the signal if no shell could continue it.
    process.removeListener('SIGTSTP', stop);
    process.removeListener('SIGCONT', retake);
    process.kill(process.pid, 'SIGTSTP');
    process.on('SIGTSTP', stop);
    process.on('SIGCONT', retake);
    retake();
  };
  const onKey = (text: string | undefined, { name, sequence, ctrl, shift }: readline.Key): void =>
    user.key({
      name: name ?? '',
      text: ctrl !== true && text !== undefined && text === sequence && !/\p{Cc}/u.test(text) ? text : '',
      ctrl: ctrl === true,
      shift: shift === true,
    });
  const redraw = (): void => user.redraw();
  const hungUp = (): void => user.hungUp();
  const onExit = (): void => close();

  function close(): void {
    if (!isOpen) return;
    isOpen = false;
    process.removeListener('exit', onExit);
    process.removeListener('SIGTSTP', stop);
    process.removeListener('SIGCONT', retake);
    process.removeListener('SIGHUP', hungUp);
    stdout.removeListener('resize', redraw);
    stdin.removeListener('keypress', onKey);
    stdin.removeListener('end', hungUp);
    stdin.removeListener('error', hungUp);
    restore();
    stdin.pause();
  }

  process.on('exit', onExit);
  process.on('SIGTSTP', stop);
  process.on('SIGCONT', retake);
  process.on('SIGHUP', hungUp);
  stdout.on('resize', redraw);
  const timing = readline.createInterface({ input: new PassThrough(), escapeCodeTimeout: escapeMs });
  readline.emitKeypressEvents(stdin, timing);
  timing.close();
  stdin.on('keypress', onKey);
  stdin.on('end', hungUp);
  stdin.on('error', hungUp);
  take();
  stdin.resume();
  return {
    // To the whole group: `npm start` is a job of several processes.
    suspend: () => void process.kill(0, 'SIGTSTP'),
    close,
  };
}
