/** How the two guests differ: in their first process, and therefore in who creates the cgroups. */
import fs from 'node:fs';
import type { CgroupDriver } from '../bed/node-config.ts';
import type { Progress } from '../machine/progress.ts';

export interface System {
  readonly driver: CgroupDriver;
  /** Prefix of the disk's file names. */
  readonly name: string;
  /** Its text files, by their path in the guest. */
  texts(): Readonly<Record<string, string>>;
  /** Further inputs of the disk. */
  readonly inputs: readonly string[];
  /** Runs before the disk is built. */
  prepare(progress: Progress): Promise<void>;
  /** Fills an empty directory with everything except the text files. */
  fill(root: string): Promise<void>;
}

/** Reads a file of this directory that goes into the guest. */
export const script = (name: string): string => fs.readFileSync(new URL(name, import.meta.url), 'utf8');
