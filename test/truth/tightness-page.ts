/** Tries the suggested limits on a real kernel, and writes docs/tightness.md. Needs root. Tries v2 if the guest runs. */
import fs from 'node:fs';
import { compile } from './machine/compile.ts';
import { endScripts, factsOf, machines } from './machine/machine.ts';
import type { PlayedWorkload } from './tightness/schedules.ts';
import { missOf, sizable, size } from './tightness/tight.ts';
import { ratioOf, type Tightness, tightnessOf } from './tightness/tightness.ts';

const MiB = 2 ** 20;
const page = new URL('../../docs/tightness.md', import.meta.url);

const inMiB = (bytes: number): string => (bytes / MiB).toFixed(1);

const row = (found: Tightness): string =>
  `| ${found.workload.name} | ${inMiB(found.smallest.limit)} | ${inMiB(found.suggested.limit)} | ${ratioOf(found).toFixed(2)} | ${found.suggested.worse ?? 'as without a limit'} |\n`;

const about = ({ name, about: what }: PlayedWorkload): string => `- **${name}**: ${what}\n`;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, endScripts);
const program = compile('player.c');
const misses: string[] = [];
let text = `# How tight suggested limits are

The tables compare the limit that \`realmem suggest\` proposes with the smallest limit that holds. *Ratio* is the first divided by the second.

We run workloads of known need on the real kernel: first without a limit, while the agent's own code observes them; then with the limit that
\`realmem suggest\` proposes from that; then with smaller and smaller limits. A limit holds if two things are true:

- The kernel kills nothing.
- The share of file data read again from disk and, on cgroup v2, the time spent waiting for memory are at most five
  percentage points above the values without a limit.

Each workload takes at most ${size} MiB. \`npm run tightness\` measures and writes this page.

${sizable.map(about).join('')}`;
for (const machine of machines()) {
  text += `\n## cgroup v${machine.version}, ${machine.name}\n\n`;
  text += `${Object.entries(await factsOf(machine))
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')}.\n\n`;
  text +=
    '| | smallest limit that holds, MiB | suggested limit, MiB | ratio | under the suggested limit |\n|---|--:|--:|--:|---|\n';
  for (const workload of sizable) {
    const found = await tightnessOf(machine, workload, program);
    process.stdout.write(`v${machine.version} ${row(found)}`);
    text += row(found);
    misses.push(...[missOf(found)].flatMap((miss) => miss ?? []));
  }
}
for (const miss of misses) process.stderr.write(`${miss}\n`);
if (misses.length > 0) process.exitCode = 1;
if (machines().length > 1) fs.writeFileSync(page, text);
else
  process.stderr.write(
    'docs/tightness.md is unchanged: it needs both cgroup versions; run npm run cluster up\n',
  );
