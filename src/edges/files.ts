/** Files read whole, and written so that a reader never sees half of one. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { Fault, messageOf } from '../model/fault.ts';
import { codeOf } from './errors.ts';

/** Makes the directory where it is missing, writes beside the old file, then takes its place. */
export async function replaceFile(file: string, text: string): Promise<void> {
  await fs.mkdir(path.dirname(file), { recursive: true });
  const beside = `${file}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await fs.writeFile(beside, text, { flag: 'wx' });
    await fs.rename(beside, file);
  } catch (error) {
    await fs.rm(beside, { force: true });
    throw error;
  }
}

/** Undefined where there is no such file. @throws Fault where it cannot be read */
export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw new Fault({ where: file, expected: 'to read it', got: codeOf(error) ?? messageOf(error) });
  }
}
