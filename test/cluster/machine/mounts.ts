/** Unmounts everything below the run directory: container root file systems, network namespaces and volumes. */
import fs from 'node:fs';
import { command } from './command.ts';
import { dirs } from './paths.ts';

/**
 * @throws if a mount remains. The caller must then not remove the directory, because that would delete mounted files.
 */
export async function unmountRun(): Promise<void> {
  for (const mount of mountsBelowRun().toReversed())
    await command('umount', [mount]).catch(() => command('umount', ['--lazy', mount]));
  const left = mountsBelowRun();
  if (left.length > 0) throw new Error(`still mounted: ${left.join(' ')}`);
}

/** In mount order. */
function mountsBelowRun(): readonly string[] {
  const lines = fs.readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const points = lines.map((line) => (line.split(' ')[1] ?? '').replaceAll(/\\(\d{3})/g, decodeOctal));
  return points.filter((point) => point.startsWith(`${dirs.run}/`));
}

const decodeOctal = (_: string, digits: string): string => String.fromCharCode(Number.parseInt(digits, 8));
