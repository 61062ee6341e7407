/**
 * Measures every workload on every available machine, and writes docs/accuracy.md. Fails if a figure is too far from the
 * truth. With `--size=MIB` or names of workloads it measures less, and writes no file.
 */
import fs from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { type Measurement, measure } from './accuracy/measure.ts';
import { type MachineResult, page } from './accuracy/page.ts';
import { lineMisses, misses } from './accuracy/requirements.ts';
import { workloads } from './accuracy/workloads.ts';
import { compile } from './machine/compile.ts';
import { endScripts, factsOf, machines } from './machine/machine.ts';

const committedSize = 64;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => process.exit(128 + os.constants.signals[signal]));
process.on('exit', endScripts);

const { values, positionals } = parseArgs({
  options: { size: { type: 'string' } },
  allowPositionals: true,
});
const size = Number(values.size ?? committedSize);
const chosen =
  positionals.length === 0 ? workloads : workloads.filter(({ name }) => positionals.includes(name));
const program = compile('workload.c');
const begin = Date.now();
const results: MachineResult[] = [];
for (const machine of machines()) {
  const measurements: Measurement[] = [];
  for (const workload of chosen) {
    const start = Date.now();
    measurements.push(await measure(machine, workload, size, program));
    const seconds = ((Date.now() - start) / 1000).toFixed(0);
    process.stderr.write(`v${machine.version} ${workload.name}: ${seconds} s\n`);
  }
  results.push({ version: machine.version, facts: await factsOf(machine), measurements });
}
const text = page(results, size);
const versions = new Set(results.map(({ version }) => version));
if (size !== committedSize || chosen.length < workloads.length) process.stdout.write(text);
else if (versions.size < 2)
  process.stderr.write(
    'docs/accuracy.md is unchanged: it needs both cgroup versions; run npm run cluster up\n',
  );
else fs.writeFileSync(new URL('../../docs/accuracy.md', import.meta.url), text);
process.stderr.write(`${((Date.now() - begin) / 1000).toFixed(0)} s\n`);
const measured = results.flatMap(({ measurements }) => measurements);
// The median of a formula means nothing for a subset of the workloads.
const missed =
  chosen.length < workloads.length ? measured.flatMap((one) => lineMisses(one)) : misses(measured);
for (const miss of missed) process.stderr.write(`${miss}\n`);
if (missed.length > 0) process.exitCode = 1;
