/** The two ways to treat names in a recording: keep them, or replace them by salted hashes. */

import { createHmac, randomBytes } from 'node:crypto';
import type { PodLogs } from '../model/pod.ts';
import { Anonymizer, type Hash } from './anonymize.ts';
import { anonymizeFile } from './anonymize-files.ts';
import { anonymizeLogs } from './anonymize-logs.ts';
import { anonymizePods } from './anonymize-pods.ts';
import { asItIs, type Renaming } from './snapshot.ts';

export interface Redaction extends Renaming {
  name(text: string): string;
  /** @param value reduced pods */
  pods(value: unknown): unknown;
  logs(logs: PodLogs): PodLogs;
}

export const unredacted: Redaction = {
  ...asItIs,
  name: (text) => text,
  pods: (value) => value,
  logs: (logs) => logs,
};

/** Replaces all names. @param hash salted with a random value that is never stored, so nobody can test guesses later */
export function anonymized(hash: Hash): Redaction {
  const anonymizer = new Anonymizer(hash);
  return {
    name: (text) => anonymizer.name(text),
    cgroup: (path) => anonymizer.cgroup(path),
    mountPoint: (path) => anonymizer.mountPoint(path),
    content: (file, content) => anonymizeFile(file, content, anonymizer),
    pods: (value) => anonymizePods(value, anonymizer),
    logs: (logs) => anonymizeLogs(logs, anonymizer),
  };
}

/** HMAC-SHA-256 with a new random salt: 64 hexadecimal digits, stable within this run and different in the next. */
export function saltedHash(): (text: string) => string {
  const salt = randomBytes(32);
  const known = new Map<string, string>();
  return (text) => {
    const made = known.get(text) ?? createHmac('sha256', salt).update(text).digest('hex');
    known.set(text, made);
    return made;
  };
}
