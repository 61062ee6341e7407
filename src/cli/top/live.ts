/** `top -w` on a terminal: the live view. */
import type { Io } from '../../edges/process.ts';
import type { LiveSource } from '../../live/source.ts';
import { ExitCode } from '../command.ts';
import type { TopOptions } from './options.ts';

/** Whether a person watches. Others get tables one after another. */
export const isLive = (
  { watch, format }: Pick<TopOptions, 'watch' | 'format'>,
  { terminal }: Pick<Io, 'terminal'>,
): boolean => watch && (format === 'table' || format === 'wide') && terminal.isInteractive;

/** Shows the source until the reader quits. NAME becomes the filter. */
export async function showLive(
  source: LiveSource,
  { by, sortBy, name, colour }: TopOptions,
  ascii: boolean,
  io: Io,
): Promise<ExitCode> {
  const filter = name === undefined ? {} : { filter: name };
  const { runLive } = await import('../../live/run.ts');
  await runLive(source, io, { by, sortBy, ...filter, colour, ascii, until: io.untilSignal() });
  return ExitCode.done;
}
