/** Containers that the kernel throttles at `memory.high`, over several passes. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openNode } from '../../../src/agent/source.ts';
import { tick } from '../../../src/agent/tick.ts';
import type { ContainerReport } from '../../../src/model/report.ts';
import { lay, tempDir } from '../../temp.ts';

const pod = 'sys/fs/cgroup/kubepods/burstable/pod8833712d-6e69-4f5c-95f3-aebd020ce2e7';
const container = `${pod}/${'95cbe853416f52d9'.repeat(4)}`;
const MiB = 2 ** 20;

/** The container in the report of each pass. @param events the value of the `high` event counter in each pass */
async function observed(
  test: TestContext,
  events: readonly number[],
  { at, pressure }: { readonly at: string; readonly pressure: number },
): Promise<readonly (ContainerReport | undefined)[]> {
  const root = tempDir(test);
  const stat = `anon ${300 * MiB}\nactive_file 0\ninactive_file ${90 * MiB}\n`;
  const files = { 'memory.current': `${398 * MiB}\n`, 'memory.stat': stat };
  lay(root, {
    'sys/fs/cgroup/cgroup.controllers': 'memory\n',
    ...Object.fromEntries(
      [pod, container].flatMap((cgroup) =>
        Object.entries({ ...files, 'memory.max': 'max\n', 'memory.high': 'max\n' }).map(([file, text]) => [
          `${cgroup}/${file}`,
          text,
        ]),
      ),
    ),
    [`${at}/memory.high`]: `${400 * MiB}\n`,
    [`${container}/memory.events`]: 'high 0\n',
    [`${container}/memory.pressure`]: `some avg10=0.00 avg60=${pressure.toFixed(2)} avg300=0.00 total=1\n`,
  });
  const node = openNode({ root, periodSeconds: 60 }, []);
  const seen: (ContainerReport | undefined)[] = [];
  for (const [index, count] of events.entries()) {
    fs.writeFileSync(path.join(root, at, 'memory.events'), `high ${count}\n`);
    const { report } = await tick(node, 1_800_000_000_000 + index * 60_000, true);
    seen.push(report?.containers[0]);
  }
  node.host.close();
  return seen;
}

describe('a container at memory.high', () => {
  for (const [whose, at] of [
    ['of its own', container],
    ['of its pod', pod],
  ] as const)
    it(`${whose} is Throttled from the second pass on, while events rise and its tasks wait`, async (test) => {
      const seen = await observed(test, [10, 20, 20, 30], { at, pressure: 40 });
      assert.deepEqual(
        seen.map((one) => one?.verdict),
        ['NoLimit', 'Throttled', 'NoLimit', 'Throttled'],
      );
      assert.equal(seen[1]?.highBytes, 400 * MiB);
      assert.equal(seen[1]?.highEvents, 20);
      assert.equal(seen[1]?.highFrom, at === container ? undefined : at.slice('sys/fs/cgroup'.length));
    });

  it('is not Throttled if it only keeps page cache there, however fast its events rise', async (test) => {
    const seen = await observed(test, [10, 20, 30], { at: container, pressure: 1 });
    assert.deepEqual(
      seen.map((one) => one?.verdict),
      ['NoLimit', 'NoLimit', 'NoLimit'],
    );
  });
});
