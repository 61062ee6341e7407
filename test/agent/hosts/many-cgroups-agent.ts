/** Runs passes over the given host, renders every page that the agent serves, and prints its findings as JSON. */
import { Health } from '../../../src/agent/health.ts';
import { probeSite, reportSite } from '../../../src/agent/serve.ts';
import { openNode } from '../../../src/agent/source.ts';
import { tick } from '../../../src/agent/tick.ts';
import { thisProcess } from '../../../src/edges/machine.ts';

/** A report, a brief pass, and a report while the first one is still served. */
const passes = 3;

const [, , root = '/'] = process.argv;
const node = openNode({ root, node: 'n', periodSeconds: 5 }, []);
const health = new Health(5_000, 0);
const probes = probeSite(
  health,
  () => 0,
  () => thisProcess(4096),
);
const report = reportSite(health);
for (let pass = 0; pass < passes; pass++) {
  const ticked = await tick(node, pass * 5_000, pass % 2 === 0);
  health.ticked(ticked, 0, 0);
  if (ticked.report === undefined) continue;
  probes.page('/metrics');
  await probes.slowPage?.('/metrics');
  for (const path of ['/', '/wide', '/report.json', '/report.yaml', '/report.csv']) report.page(path);
}
node.host.close();
const { pods, containers, others, omitted, conditions } = health.report ?? {};
process.stdout.write(
  JSON.stringify({
    ...{ pods: pods?.length, containers: containers?.length, others: others?.length, omitted },
    ...{ complete: conditions?.find(({ type }) => type === 'Complete')?.reason },
  }),
);
