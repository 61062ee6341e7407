import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Output } from '../../src/edges/process.ts';
import type { NodeReport } from '../../src/model/report.ts';
import { type Room, stdoutSink } from '../../src/publish/stdout.ts';
import { reportOf, sinkContract } from './contract.ts';

function output(isTerminal: boolean): Output & { text: string; broken: boolean } {
  return {
    isTerminal,
    lines: isTerminal ? 24 : undefined,
    columns: isTerminal ? 80 : undefined,
    text: '',
    broken: false,
    async write(text) {
      if (this.broken) throw new Error('the reader has gone');
      this.text += text;
    },
  };
}

const render = (report: NodeReport): string => `${report.metadata.name}\n`;

sinkContract('standard output', () => {
  const stream = output(false);
  return {
    sink: stdoutSink({ output: stream, render, redraws: false }),
    written: () => stream.text,
    breakDestination: () => {
      stream.broken = true;
    },
    mendDestination: () => {
      stream.broken = false;
    },
  };
});

it('standard output in a pipe gets a blank line between reports, and no escape sequences', async () => {
  const stream = output(false);
  const sink = stdoutSink({ output: stream, render, redraws: true });
  await sink.write(reportOf('a'));
  await sink.write(reportOf('b'));
  assert.equal(stream.text, 'a\n\nb\n');
});

it('standard output on a terminal is redrawn, and the renderer gets its size', async () => {
  const stream = output(true);
  const rooms: Room[] = [];
  const sink = stdoutSink({
    output: stream,
    render: (report, room) => {
      rooms.push(room);
      return render(report);
    },
    redraws: true,
  });
  await sink.write(reportOf('a'));
  await sink.write(reportOf('b'));
  assert.equal(stream.text, '\u001b[2J\u001b[H\u001b[Ja\n\u001b[H\u001b[Jb\n');
  assert.deepEqual(rooms, [
    { lines: 24, columns: 80 },
    { lines: 24, columns: 80 },
  ]);
});
