/** Checks the file in which an agent keeps its node's history. */

import type { Config } from '../agent/settings.ts';
import { historyFilesIn, mostHistoryBytes } from '../checkpoint/kept-history.ts';
import { decodeCheckpoint } from '../checkpoint/read.ts';
import { filesAt, readText } from '../edges/files.ts';
import { LocatedError, messageOf } from '../model/located-error.ts';
import { formatSpan, rfc3339 } from '../model/time.ts';
import { type Check, fail, named, ok, warn } from './check.ts';

/** Clocks may differ by this. */
const newerMs = 3_600_000;

/** @param now milliseconds since 1970 */
export function checkHistoryFile({ historyDir }: Config, node: string, now: number): Check {
  const name = 'history';
  if (historyDir === 'off') return ok(name, 'off: verdicts begin anew with each start of an agent');
  const { file } = historyFilesIn(historyDir, node);
  try {
    const aside = filesAt(historyDir, '', true).filter((one) => one.startsWith(`${file}.aside`));
    const text = readText(file, mostHistoryBytes);
    if (text === undefined)
      return aside.length > 0
        ? warn(name, `no ${file}, but older ones that could not be read: ${named(aside)}`, todoAside)
        : ok(name, `none yet: an agent writes ${file} every five minutes`);
    const { node: of, at, dropped } = decodeCheckpoint(file, text);
    if (of !== node)
      return fail(name, refused(otherNode(file, node, of)), 'move the file away, or pass --node');
    const age = now - at * 1000;
    if (age < -newerMs)
      return fail(
        name,
        `${file} was written ${rfc3339(at * 1000)}, later than the clock shows: the clock is wrong, or was`,
        'check the clock: timedatectl',
      );
    const found = `${file}, written ${formatSpan(Math.max(0, age) / 1000)} ago`;
    if (dropped !== undefined && dropped.count > 0)
      return warn(name, `${found}; ${dropped.count} entries cannot be read: ${dropped.first ?? ''}`);
    return aside.length > 0
      ? warn(name, `${found}; set aside because they could not be read: ${named(aside)}`, todoAside)
      : ok(name, found);
  } catch (error) {
    return fail(name, refused(error), 'start the agent version that wrote it, or accept the loss');
  }
}

const refused = (error: unknown): string =>
  `${messageOf(error)}. The next agent sets the file aside, and all verdicts are Learning again.`;

const otherNode = (where: string, node: string, of: string): LocatedError =>
  new LocatedError({ where, expected: `the history of ${node}`, got: `the history of ${of}` });

const todoAside = 'read them with an agent of their version, or delete them';
