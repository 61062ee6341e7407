import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type LogLevel, logLevels, openLog } from '../../src/edges/log.ts';

/** The lines that a log of this level writes. */
function linesOf(level: LogLevel, write: (log: ReturnType<typeof openLog>) => void): readonly string[] {
  const lines: string[] = [];
  write(openLog(level, (line) => lines.push(line)));
  return lines;
}

describe('openLog', () => {
  it('writes one JSON object per line, with the level as a word and an ISO time', () => {
    const [line = '', ...more] = linesOf('info', (log) => log.info({ pods: 3 }, 'started'));
    assert.deepEqual(more, []);
    assert.match(line, /^\{.*\}\n$/);
    const { time, ...rest } = JSON.parse(line) as { time: string };
    assert.deepEqual(rest, { level: 'info', pods: 3, msg: 'started' });
    assert.equal(new Date(time).toISOString(), time);
  });

  it('writes the levels from its own up, and none below', () => {
    const levels = logLevels.filter((level) => level !== 'silent');
    for (const [at, level] of logLevels.entries()) {
      const lines = linesOf(level, (log) => {
        for (const one of levels) log[one]('x');
      });
      assert.deepEqual(
        lines.map((line) => (JSON.parse(line) as { level: string }).level),
        level === 'silent' ? [] : levels.slice(0, at + 1),
        level,
      );
    }
  });

  it('writes a message with line breaks and escape sequences as one printable line', () => {
    const [line = '', ...more] = linesOf('info', (log) => log.info('one\ntwo\u001b[2J\u009b2J\u202ethree'));
    assert.deepEqual(more, []);
    assert.match(line, /^[^\p{Cc}\p{Cf}]*\n$/u);
    assert.match(line, /one.*two.*three/);
  });

  it('writes the message of an error', () => {
    const [line = ''] = linesOf('error', (log) => log.error(new Error('no route to host')));
    assert.match(line, /"msg":"no route to host"/);
  });
});
