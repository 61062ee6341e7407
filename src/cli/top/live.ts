/** `top -w` on a terminal: the live view. */
import type { Io } from '../../edges/process.ts';
import type { LiveSource } from '../../live/source.ts';
import { UsageError } from '../../model/located-error.ts';
import { ExitCode } from '../command.ts';
import type { TopOptions } from './options.ts';

/** Whether a person watches. Others get tables one after another. */
export const isLive = (
  { watch, format }: Pick<TopOptions, 'watch' | 'format'>,
  { terminal }: Pick<Io, 'terminal'>,
): boolean => watch && (format === 'table' || format === 'wide') && terminal.isInteractive;

/** @throws UsageError if `-w` contradicts another flag, or cannot work */
export function checkWatch(
  options: Pick<TopOptions, 'watch' | 'format' | 'headers'>,
  io: Pick<Io, 'terminal'>,
  isCluster: boolean,
): void {
  const { watch, format, headers } = options;
  if (!watch) return;
  if (isLive(options, io)) {
    if (headers) return;
    throw new UsageError('-w on a terminal needs the headings; omit --no-headers or -w');
  }
  if (!isCluster) return;
  throw new UsageError(
    io.terminal.isInteractive
      ? `-w shows a cluster as a table, not as ${format}; omit -o or -w`
      : '-w of a cluster needs a terminal; omit -w and repeat the command, for example with watch',
  );
}

/** Shows the source until the reader quits. NAME becomes the filter. */
export async function showLive(
  source: LiveSource,
  { by, sortBy, name, namespace, colour, format, available }: TopOptions,
  ascii: boolean,
  io: Io,
): Promise<ExitCode> {
  const filter = name === undefined ? {} : { filter: name };
  const { runLive } = await import('../../live/run.ts');
  const table = {
    by,
    sortBy,
    ...filter,
    colour,
    ascii,
    wide: format === 'wide',
    available,
    oneNamespace: namespace !== undefined,
  };
  await runLive(source, io, { ...table, until: io.untilSignal() });
  return ExitCode.done;
}
