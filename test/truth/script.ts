/** The shell scripts of this folder. */
import fs from 'node:fs';

const textOf = (file: string): string => fs.readFileSync(new URL(file, import.meta.url), 'utf8');

/** One of them, behind what they all begin with. */
export const scriptOf = (file: string): string => `${textOf('own-cgroup.sh')}\n${textOf(file)}`;
