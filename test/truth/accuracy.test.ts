/** Checks the claims of docs/accuracy.md with fresh measurements. Needs root. Measures v2 if the guest of the cluster runs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cleanup } from '../host/machine/cleanup.ts';
import { type Formula, formulas } from './accuracy/formulas.ts';
import { type Measurement, measure } from './accuracy/measure.ts';
import { lineMisses, misses } from './accuracy/requirements.ts';
import { workloads } from './accuracy/workloads.ts';
import { compile } from './machine/compile.ts';
import { endScripts, machines } from './machine/machine.ts';

/** MiB. Large enough for each kind to stand out, and half the time of the published size. */
const size = 32;

for (const machine of machines())
  test(`the figures of each workload on cgroup v${machine.version}, ${machine.name}`, {
    timeout: 1_800_000,
  }, async (t) => {
    new Cleanup(t).add(endScripts);
    const program = compile('workload.c');
    const measurements: Measurement[] = [];
    for (const workload of workloads)
      await t.test(workload.name, async () => {
        const measured = await measure(machine, workload, size, program);
        measurements.push(measured);
        assert.deepEqual(lineMisses(measured), []);
      });

    await t.test('real has a smaller median error than any other formula', () => {
      assert.equal(measurements.length, workloads.length);
      assert.deepEqual(misses(measurements), []);
    });

    await t.test('the same check fails for the working set in place of real', () => {
      const workingSet = formulas.find(({ name }) => name === 'working set');
      const wrong = formulas.map(
        (formula): Formula => (formula.own ? { ...formula, of: workingSet?.of ?? formula.of } : formula),
      );
      assert.ok(misses(measurements, wrong).length > 0);
    });
  });
