/** Parses `/proc/<pid>/stat` (proc_pid_stat(5)). */

/** The field of the start time, counted from the one after the name. A name can contain anything, also `)`. */
const startField = 19;
/** Linux counts user time in hundredths of a second on every architecture that Node runs on. */
const ticksPerSecond = 100;

/** When the process started, in seconds after the machine booted. Undefined if the text has no such field. */
export function parseStart(text: Uint8Array): number | undefined {
  const line = new TextDecoder().decode(text);
  const ticks = line.slice(line.lastIndexOf(')') + 2).split(' ')[startField];
  return ticks !== undefined && /^\d{1,15}$/.test(ticks) ? Number(ticks) / ticksPerSecond : undefined;
}
