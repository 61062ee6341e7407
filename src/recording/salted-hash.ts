/** Hashes that nobody can make again. */
import { createHmac, randomBytes } from 'node:crypto';

/** A function from a text to 64 hexadecimal digits: the same within this run, another in the next. */
export function saltedHash(): (text: string) => string {
  const salt = randomBytes(32);
  const known = new Map<string, string>();
  return (text) => {
    const made = known.get(text) ?? createHmac('sha256', salt).update(text).digest('hex');
    known.set(text, made);
    return made;
  };
}
