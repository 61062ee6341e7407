/** Answers of the API for one check, without a server. */
import type { Lists, Refused } from '../../src/doctor/asking.ts';
import { type Fields, fieldsOf } from '../../src/model/json.ts';

/** Objects of a list, one object, or the HTTP status of a refusal. */
export type Made = readonly object[] | object | number;

export interface MadeLists extends Lists {
  /** Decoded paths with their queries, as asked. */
  readonly asked: readonly string[];
}

export const refused = (status: number): Refused => ({ why: `HTTP ${status}`, status });

/** @param answers by path without query, or with it; a path that is not there is not found */
export function listsOf(answers: Readonly<Record<string, Made>>): MadeLists {
  const asked: string[] = [];
  const answer = (path: string): Made => {
    asked.push(decodeURIComponent(path));
    return answers[decodeURIComponent(path)] ?? answers[path.replace(/\?.*/, '')] ?? 404;
  };
  const list = async (path: string): Promise<readonly Fields[] | Refused> => {
    const made = answer(path);
    return typeof made === 'number' ? refused(made) : (made as readonly object[]).map((one) => fieldsOf(one));
  };
  return {
    ...{ asked, all: list, metadata: list, first: list },
    object: async (path) => {
      const made = answer(path);
      return typeof made === 'number' ? refused(made) : fieldsOf(made);
    },
  };
}
