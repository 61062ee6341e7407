/** Stops the API server for a minute. The agent of every node must keep working before, during and after it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { NodeReport } from '../../src/model/report.ts';
import { conditionsOf } from '../../src/publish/publish.ts';
import type { PublishedReport } from '../../src/publish/published.ts';
import { openBed } from './bed/bed.ts';
import { idlePod } from './bed/pods.ts';
import { atAgent } from './release/agent-process.ts';
import { namespace, releaseOn } from './release/release.ts';

const outageSeconds = 60;
const testNamespace = 'realmem-outage-test';

const bed = await openBed();
const release = releaseOn(bed);

/** Reads the report inside the agent's network namespace, because kubectl needs the API server. */
const reportInside = async (node: string): Promise<NodeReport> =>
  JSON.parse(
    await atAgent(
      bed,
      node,
      'busybox nsenter -t $pid -n busybox wget -q -O - http://127.0.0.1:9644/report.json',
    ),
  ) as NodeReport;

const namesFresh = ({ conditions }: NodeReport) => conditions.find(({ type }) => type === 'NamesFresh');
const published = async (node: string): Promise<PublishedReport> =>
  JSON.parse(await bed.kubectl('get', 'nmr', node, '--output', 'json')) as PublishedReport;
const isNamed = ({ containers }: NodeReport, node: string): boolean =>
  containers.some(({ pod, name }) => pod === `stays-${node}` && name === 'main');

before(async () => {
  await bed.apply(`apiVersion: v1\nkind: Namespace\nmetadata: {name: ${testNamespace}}\n`);
  await release.install();
  await bed.apply(bed.nodes.map((node) => idlePod(testNamespace, `stays-${node}`, node)).join('---\n'));
  for (const node of bed.nodes)
    await bed.waitFor(`the container on ${node} in its report`, async () =>
      (await published(node)).pods.some(
        ({ name, containers }) => name === `stays-${node}` && containers[0]?.real !== undefined,
      ),
    );
});

after(async () => {
  await bed.startApiServer();
  await bed.kubectl('delete', 'namespace', testNamespace, '--ignore-not-found');
  await release.uninstall();
});

describe('an API server that is down for a minute', { timeout: 240_000 }, () => {
  it('leaves every agent sampling, with the known names and their age in the report', async () => {
    const agents = await Promise.all(bed.nodes.map((node) => release.podOf(node)));
    const [before] = await Promise.all(bed.nodes.map(reportInside));
    await bed.stopApiServer();
    await Promise.all(
      bed.nodes.map((node) =>
        bed.waitFor(
          `${node} to report NamesFresh=False`,
          async () => {
            const report = await reportInside(node);
            assert.ok(isNamed(report, node), 'the report lost the names');
            const { status, reason, message } = namesFresh(report) ?? {};
            const [, silent] = /has not answered for (\d+) s/.exec(message ?? '') ?? [];
            return status === 'False' && reason === 'OutOfStep' && Number(silent) >= outageSeconds;
          },
          { timeoutMs: 120_000 },
        ),
      ),
    );
    for (const node of bed.nodes) {
      const report = await reportInside(node);
      const age = Date.parse(report.observed.at ?? '') - Date.parse(before?.observed.at ?? '');
      assert.ok(age >= (outageSeconds - 5) * 1000, `${node} stopped sampling`);
    }
    await bed.startApiServer();
    assert.deepEqual(
      await Promise.all(bed.nodes.map((node) => release.podOf(node))),
      agents,
      'an agent restarted',
    );
  });

  for (const node of bed.nodes)
    it(`gets reports and annotations from ${node} again after its return, without a restart of the agent`, async () => {
      const back = Date.now();
      await bed.waitFor(
        'NamesFresh=True',
        async () => namesFresh(await reportInside(node))?.status === 'True',
      );
      await bed.waitFor('a report made after the outage', async () => {
        const report = await published(node);
        return (
          Date.parse(report.observed.at ?? '') > back - 5_000 &&
          conditionsOf(report).some(({ type, status }) => type === 'NamesFresh' && status === 'True')
        );
      });
      const name = `comes-${node}`;
      await bed.apply(idlePod(testNamespace, name, node));
      await bed.waitFor('a new pod in the report', async () =>
        (await published(node)).pods.some((pod) => pod.name === name),
      );
      await bed.waitFor('annotations on the new pod', async () => {
        const annotations = await bed.kubectl(
          'get',
          'pod',
          name,
          '-n',
          testNamespace,
          '-o',
          'jsonpath={.metadata.annotations}',
        );
        return /realmem\.dev\/memory/.test(annotations);
      });
      const restarts = await bed.kubectl(
        'get',
        'pod',
        await release.podOf(node),
        '-n',
        namespace,
        '-o',
        'jsonpath={.status.containerStatuses[0].restartCount}',
      );
      assert.equal(restarts, '0');
    });
});
