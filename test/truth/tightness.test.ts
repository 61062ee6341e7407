/** Checks the claims of docs/tightness.md with fresh measurements. Needs root. Tries v2 if the guest of the cluster runs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cleanup } from '../host/machine/cleanup.ts';
import { compile } from './machine/compile.ts';
import { endScripts, machines } from './machine/machine.ts';
import { play } from './tightness/play.ts';
import { missOf, sizable, size, workloads } from './tightness/tight.ts';
import { adviceFor, ratioOf, tightnessOf, worseThan } from './tightness/tightness.ts';
import { podName } from './tightness/watch.ts';

for (const machine of machines())
  test(`suggested limits on cgroup v${machine.version}, ${machine.name}`, { timeout: 900_000 }, async (t) => {
    new Cleanup(t).add(endScripts);
    const program = compile('player.c');
    for (const workload of sizable)
      await t.test(workload.name, async (t) => {
        const found = await tightnessOf(machine, workload, program);
        t.diagnostic(`${ratioOf(found).toFixed(2)} × the smallest limit that holds`);
        assert.equal(missOf(found), undefined);
        const { leak, oddReplica } = found.advice;
        assert.equal(leak, undefined);
        const odd = workload.truth.oddReplica;
        assert.equal(oddReplica, odd === undefined ? undefined : podName(odd));
      });

    await t.test('a limit below the need kills the workload', async () => {
      const [schedule] = sizable[0]?.replicas ?? [];
      assert.ok(schedule !== undefined);
      const unlimited = await play(machine, schedule, undefined, program);
      const limited = await play(machine, schedule, 0.95 * size * 2 ** 20, program);
      assert.equal(worseThan(unlimited, unlimited), undefined);
      assert.equal(worseThan(unlimited, limited), 'killed');
    });

    for (const workload of workloads) {
      const { leakPerDay } = workload.truth;
      if (leakPerDay === undefined) continue;
      await t.test(`realmem names the leak of ${workload.name} and its rate`, async () => {
        const { advice } = await adviceFor(machine, workload, program);
        const share = (advice.leak?.perDay ?? 0) / leakPerDay;
        assert.ok(Math.abs(share - 1) < 0.15, `reported rate is ${share} of the true rate`);
      });
    }
  });
