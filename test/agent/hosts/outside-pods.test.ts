/** Hosts with containers outside the cgroups of pods: the default output of `top`, and the history. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import { openNode } from '../../../src/agent/source.ts';
import { tick } from '../../../src/agent/tick.ts';
import { Names } from '../../../src/identify/names.ts';
import type { NameSource } from '../../../src/identify/names-source.ts';
import type { Pod } from '../../../src/model/pod.ts';
import { render } from '../../../src/render/render.ts';
import { closeWindows } from '../../../src/usage/history.ts';
import { matchesGolden } from '../../golden.ts';
import { lay, tempDir } from '../../temp.ts';

const hosts = new URL('../../../fixtures/outside-pods/', import.meta.url);
const options = { headers: true, all: false, sortBy: 'real' } as const;

describe('top on a host with containers outside the cgroups of pods', () => {
  for (const name of fs.readdirSync(hosts).sort())
    it(`shows those of ${name}, by container and by pod`, async (test) => {
      const at = (file: string): URL => new URL(`${name}/${file}`, hosts);
      const file = 'pods.json';
      const pods = fs.existsSync(at(file)) && { file, text: fs.readFileSync(at(file), 'utf8') };
      const node = openNode({ root: at('root').pathname, node: name, ...(pods && { pods }) }, []);
      test.after(() => node.host.close());
      const { report } = await tick(node, 0, true);
      if (report === undefined) throw new Error('no report');
      const tables = (['container', 'pod'] as const)
        .filter((by) => by === 'container' || report.pods.length > 0)
        .map((by) => render(report, 'table', { ...options, by }));
      matchesGolden(at('top.txt'), tables.join('\n'));
    });
});

describe('the history of a container outside the cgroups of pods', () => {
  const id = 'a'.repeat(64);
  const podNamed = (name: string, ids: readonly string[]): Pod => ({
    ...{ uid: name, namespace: 'shop', name, labels: {} },
    containers: [{ name: 'main', type: 'container', ids, running: true }],
  });

  /**
   * The workloads in the history after one pass per minute.
   * @param namedFrom the minute from which on the API names the container's ID
   */
  async function remembered(
    test: TestContext,
    minutes: number,
    namedFrom: number,
  ): Promise<readonly string[]> {
    const root = tempDir(test);
    lay(root, {
      'sys/fs/cgroup/cgroup.controllers': 'memory\n',
      [`sys/fs/cgroup/crio-${id}/memory.current`]: '1048576\n',
      [`sys/fs/cgroup/crio-${id}/memory.stat`]: 'active_file 3\ninactive_file 4\n',
    });
    let names = new Names([podNamed('other', [])]);
    const source: NameSource = {
      get names() {
        return names;
      },
      state: () => undefined,
      close: () => {},
    };
    const node = openNode({ root, periodSeconds: 60 }, [], source);
    test.after(() => node.host.close());
    const start = Date.UTC(2026, 10, 23);
    for (let minute = 0; minute < minutes; minute++) {
      if (minute === namedFrom) names = new Names([podNamed('other', []), podNamed('web', [id])]);
      await tick(node, start + minute * 60_000, true);
    }
    return [...closeWindows(node.history.kept())].map(({ key }) => `${key.namespace}/${key.workload}`);
  }

  it('belongs to its pod alone if the API names the ID in time', async (test) =>
    assert.deepEqual(await remembered(test, 15, 2), ['shop/Pod/web']));

  it('belongs to its ID if no pod claims the ID for ten minutes', async (test) =>
    assert.deepEqual(await remembered(test, 15, 99), ['/container/aaaaaaaaaaaa']));

  it('is not stored while a pod may still claim the ID', async (test) =>
    assert.deepEqual(await remembered(test, 9, 99), []));
});
