/** Reads the shell scripts of this folder. */
import fs from 'node:fs';

const textOf = (file: string): string => fs.readFileSync(new URL(file, import.meta.url), 'utf8');

/** A script with their common start, own-cgroup.sh. */
export const scriptOf = (file: string): string => `${textOf('own-cgroup.sh')}\n${textOf(file)}`;
