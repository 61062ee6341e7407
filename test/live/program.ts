/** The live view of a recorded host, as a program: `program.ts ROOT [crash]`. With `crash` the key `x` throws. */
import { hostSource } from '../../src/agent/host-source.ts';
import { openNode } from '../../src/agent/source.ts';
import { processIo } from '../../src/edges/process.ts';
import { runLive } from '../../src/live/run.ts';

const io = processIo();
const [root = '/', crash] = io.args;
const node = openNode({ root }, []);
const look = { colour: true, ascii: false };
if (crash !== undefined)
  process.stdin.on('keypress', (text) => {
    if (text === 'x') throw new Error('a crash on purpose');
  });
await runLive(
  hostSource({ node, root, periodMs: 1_000, all: false, choose: (report) => report, ...look }),
  io,
  { by: 'container', sortBy: 'real', ...look, until: io.untilSignal() },
);
node.host.close();
