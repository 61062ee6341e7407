/** What two guests differ in: their first process, and so who makes the cgroups. */
import fs from 'node:fs';
import type { CgroupDriver } from '../node-config.ts';
import type { Progress } from '../progress.ts';

export interface System {
  readonly driver: CgroupDriver;
  /** Of its disks' files. */
  readonly name: string;
  /** Its own files, by their paths in the guest. */
  texts(): Readonly<Record<string, string>>;
  /** What else its disk depends on. */
  readonly inputs: readonly string[];
  /** Before a disk is made. */
  prepare(progress: Progress): Promise<void>;
  /** Puts all but the texts into an empty directory. */
  fill(root: string): Promise<void>;
}

/** A file that lies here and goes into a guest. */
export const script = (name: string): string => fs.readFileSync(new URL(name, import.meta.url), 'utf8');
