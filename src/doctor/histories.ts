/** Checks the histories that agents write to the cluster, which `realmem suggest` reads. */

import type { ClusterView } from '../cluster/view.ts';
import { mapsPath } from '../kube/pages.ts';
import { fieldsOf, textOf } from '../model/json.ts';
import { epochSeconds, formatSpan } from '../model/time.ts';
import { historyMapName, historySelector, historyWrittenKey } from '../publish/history-map.ts';
import { countedText } from '../report/conditions.ts';
import { isRefused, type Lists, notChecked } from './asking.ts';
import { type Check, logsOn, named, ok, warn } from './check.ts';

/** An agent writes its history each hour (config.historyPeriod). */
const oldMs = 3 * 3_600_000;
/** Maximum length of an object's name in the API. */
const longestName = 253;

/** @param at milliseconds since 1970 by the API server's clock */
export async function checkHistories(
  lists: Lists,
  namespace: string,
  { nodes }: ClusterView,
  at: number,
): Promise<readonly Check[]> {
  const name = 'histories';
  const found = await lists.metadata(
    `${mapsPath(namespace)}?labelSelector=${encodeURIComponent(historySelector)}`,
  );
  if (isRefused(found)) return [notChecked(name, `list configmaps in ${namespace}`, found)];
  const written = new Map(
    found.map((item) => {
      const { name: map, annotations } = fieldsOf(item['metadata']);
      return [textOf(map) ?? '', epochSeconds(textOf(fieldsOf(annotations)[historyWrittenKey]) ?? '')];
    }),
  );
  if (written.size === 0)
    return [
      warn(
        name,
        `none in ${namespace}: kubectl realmem suggest has nothing to read`,
        'helm upgrade with config.history=true; the policies must be installed',
      ),
    ];
  const tooLong = nodes.filter(({ name: node }) => historyMapName(node).length > longestName);
  const lacking = nodes.filter((node) => !tooLong.includes(node) && !written.has(historyMapName(node.name)));
  const old = nodes.flatMap((node) => {
    const time = written.get(historyMapName(node.name));
    return time !== undefined && at - time * 1000 > oldMs
      ? [{ name: node.name, ageMs: at - time * 1000 }]
      : [];
  });
  const checks = [
    ...(tooLong.length === 0
      ? []
      : [
          warn(
            name,
            `the name of ${countedText(tooLong.length, 'node')} is too long for a ConfigMap: ${named(tooLong.map((node) => node.name))}`,
            'read its NodeMemoryReport',
          ),
        ]),
    ...(lacking.length === 0
      ? []
      : [
          warn(
            name,
            `none of ${countedText(lacking.length, 'node')}: ${named(lacking.map((node) => node.name))}`,
            `wait for the first report of a new agent, then ${logsOn(namespace, lacking[0]?.name)}`,
          ),
        ]),
    ...(old.length === 0
      ? []
      : [
          warn(
            name,
            `old on ${countedText(old.length, 'node')}: ${named(old.map((one) => `${one.name} (${formatSpan(one.ageMs / 1000)})`))}`,
            logsOn(namespace, old[0]?.name),
          ),
        ]),
  ];
  const ofNodes = nodes.filter((node) => written.has(historyMapName(node.name))).length;
  const others = written.size - ofNodes;
  const more = others === 0 ? '' : `; ${others} more, of no node that reports`;
  return checks.length > 0 ? checks : [ok(name, `${ofNodes} in ${namespace}, none older than 3 h${more}`)];
}
