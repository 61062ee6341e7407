/** Parses the output of `realmem explain -o json`. */
import assert from 'node:assert/strict';

export interface Shown {
  readonly tool: string;
  readonly version: string;
  readonly shows?: string;
  readonly bytes?: number;
  readonly count?: number;
  readonly formula?: string;
}

export type Explained = readonly Shown[];

export const parseExplained = (json: string): Explained => JSON.parse(json) as Explained;

/** The only row of that tool and, if given, of that version. */
export function rowOf(explained: Explained, tool: string, version?: string): Shown {
  const found = explained.filter((row) => row.tool === tool && row.version === (version ?? row.version));
  const [row] = found;
  assert.ok(row !== undefined && found.length === 1, `${found.length} rows of ${tool} ${version ?? ''}`);
  return row;
}
