/** Runs the live view on a terminal until the reader quits. */
import { now, repeat } from '../edges/clock.ts';
import type { Io } from '../edges/process.ts';
import type { OpenScreen } from '../edges/terminal/terminal.ts';
import { Screen, type Size } from './screen.ts';
import type { LiveSource } from './source.ts';
import { View, type ViewOptions, type Wish } from './view.ts';

export interface LiveOptions extends Omit<ViewOptions, 'detail' | 'changed' | 'now'> {
  /** Ends the view, such as SIGTERM. */
  readonly until: Promise<unknown>;
  /** The time in milliseconds since 1970. Default: the clock of this machine. */
  readonly now?: () => number;
  /** Calls a function each second, for the age of the data. Default: with timers. */
  readonly eachSecond?: (tick: () => void) => () => void;
}

/** A terminal that does not tell its size. */
const usualSize: Size = { lines: 24, columns: 80 };

/**
 * Takes the terminal over. Whatever ends the view restores it.
 * @throws what ends the source
 */
export async function runLive(
  source: LiveSource,
  { output, terminal }: Pick<Io, 'output' | 'terminal'>,
  { until, now: clock = now, eachSecond = (tick) => repeat(1_000, tick), ...options }: LiveOptions,
): Promise<void> {
  const ended = Promise.withResolvers<void>();
  const left = new AbortController();
  const screen = new Screen();
  let isDrawing = false;
  let isDirty = false;
  const draw = (): void => {
    isDirty = true;
    if (!isDrawing) write().catch(ended.reject);
  };
  // One write at a time: a slow terminal gets fewer frames, not old ones. Keys that arrive together make one frame.
  const write = async (): Promise<void> => {
    isDrawing = true;
    try {
      while (isDirty && !left.signal.aborted) {
        await Promise.resolve();
        isDirty = false;
        const size = sizeOf(output);
        const text = screen.update(view.frame(size), size);
        if (text !== '') await output.write(text);
      }
    } finally {
      isDrawing = false;
    }
  };
  const obey = (wish: Wish | undefined): void => {
    if (wish === undefined) return;
    if (wish === 'quit') ended.resolve();
    else if (wish === 'suspend') open?.suspend();
    else {
      if (wish === 'draw anew') screen.forget();
      draw();
    }
  };
  const view = new View({
    ...options,
    now: clock,
    changed: draw,
    detail: (row, columns) => source.detail(row, columns),
  });
  let open: OpenScreen | undefined;
  const stopSeconds = eachSecond(draw);
  try {
    open = terminal.open({
      // An error in a handler would end the process without closing the source.
      key: (key) => attempt(() => obey(view.key(key)), ended.reject),
      redraw: () => obey('draw anew'),
      hungUp: () => ended.resolve(),
    });
    draw();
    const followed = source.follow((state) => {
      view.show(state);
      draw();
    }, left.signal);
    try {
      await Promise.race([followed, ended.promise, until]);
    } finally {
      left.abort();
      // The reader gets the terminal back before the last pass ends.
      open.close();
      await followed.catch(() => {});
    }
  } finally {
    stopSeconds();
    open?.close();
  }
}

function attempt(act: () => void, failed: (error: unknown) => void): void {
  try {
    act();
  } catch (error) {
    failed(error);
  }
}

const sizeOf = ({ lines, columns }: Io['output']): Size => ({
  lines: lines ?? usualSize.lines,
  columns: columns ?? usualSize.columns,
});
