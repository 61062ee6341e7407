/** Runs the command blocks of the documents that need a cluster, in the order in which an administrator runs them. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { allBlocks, type Block, isRun, nameOf, stepsOf, wordsOf } from '../../docs/blocks.ts';
import { tempDir } from '../../temp.ts';
import { openBed } from '../bed/bed.ts';
import { asShipped, namespace, setting } from './release.ts';

const bed = await openBed();
const blocks = allBlocks().filter((block) => isRun(block) && block.place.where === 'cluster');

/** Each block by a command in it. */
const order = [
  'helm install realmem',
  'kubectl create clusterrolebinding jane-view',
  'kubectl realmem top containers -n realmem --fresh',
  'helm upgrade realmem',
  'kubectl -n realmem delete job',
  'kubectl delete crd',
];

const holding = (beginning: string): Block => {
  const found = blocks.filter((block) => stepsOf(block).some(({ command }) => command.startsWith(beginning)));
  const [block] = found;
  assert.ok(
    found.length === 1 && block !== undefined,
    `${beginning}: expected one block, got ${found.length}`,
  );
  return block;
};

/** The documents name an image in the reader's registry. The bed has its own. */
const image = setting(asShipped);

describe('the documents', { timeout: 600_000 }, () => {
  before(async () => {
    await bed.kubectl('delete', 'namespace', namespace, '--ignore-not-found');
  });

  after(async () => {
    await bed.kubectl('delete', 'clusterrolebinding', 'jane-view', 'jane-nodes', '--ignore-not-found');
    await bed.kubectl('delete', 'clusterrole', 'node-reader', '--ignore-not-found');
  });

  it('have no block for the cluster that this test leaves out', () =>
    assert.deepEqual(order.map((one) => nameOf(holding(one))).toSorted(), blocks.map(nameOf).toSorted()));

  for (const beginning of order)
    it(`${nameOf(holding(beginning))} runs as it is printed`, async (test) => {
      const plugins = tempDir(test);
      const program = new URL('../../../bin/kubectl-realmem.mjs', import.meta.url).pathname;
      fs.symlinkSync(program, path.join(plugins, 'kubectl-realmem'));
      if (beginning === 'kubectl delete crd') await bed.helm('uninstall', 'realmem', '-n', namespace);
      for (const { command } of stepsOf(holding(beginning))) {
        const [tool, ...args] = wordsOf(command) ?? [];
        if (tool === 'helm')
          await bed.helm(...args, ...(['install', 'upgrade'].includes(args[0] ?? '') ? image : []));
        else {
          assert.equal(tool, 'kubectl', command);
          const run = (): Promise<string> => bed.kubectlWithPlugins(plugins, ...args);
          // A reader who looks before the first report tries again.
          const isReading = args[0] === 'realmem' || args[0] === 'get';
          await (isReading ? bed.waitFor(command, async () => (await run()) || undefined) : run());
        }
      }
    });
});
