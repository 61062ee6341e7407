/** Checks what earlier installations and settings left in the cluster. */

import type { ClusterView } from '../cluster/view.ts';
import { fieldsOf, textOf } from '../model/json.ts';
import { domain } from '../model/product.ts';
import { counted } from '../report/conditions.ts';
import { isRefused, type Lists } from './asking.ts';
import { type Check, named, warn } from './check.ts';

const cleanupLabel = 'app.kubernetes.io/name=realmem-cleanup';

/**
 * No check if nothing is left, or if the user lacks the rights to look.
 * @param view undefined: the reports could not be read
 */
export async function checkLeftovers(
  lists: Lists,
  namespace: string,
  view: ClusterView | 'no agents' | undefined,
): Promise<readonly Check[]> {
  return [
    ...(view === undefined || (view !== 'no agents' && annotates(view)) ? [] : await checkAnnotations(lists)),
    ...(await checkCleanup(lists, namespace)),
  ];
}

/** An agent has this condition only if it writes annotations. */
const annotates = ({ nodes }: ClusterView): boolean =>
  nodes.some(({ conditions }) => conditions.some(({ type }) => type === 'PolicyEnforced'));

async function checkAnnotations(lists: Lists): Promise<readonly Check[]> {
  const pods = await lists.first('/api/v1/pods');
  if (isRefused(pods)) return [];
  const annotated = pods.filter(
    ({ metadata }) => fieldsOf(fieldsOf(metadata)['annotations'])[`${domain}/memory`] !== undefined,
  );
  if (annotated.length === 0) return [];
  return [
    warn(
      'annotations',
      `no agent writes them now (config.annotations=false, or uninstalled). ${annotated.length} of the first ${counted(pods.length, 'pod')} still have one.`,
      `kubectl annotate pods --all -A ${domain}/memory- ${domain}/report-`,
    ),
  ];
}

async function checkCleanup(lists: Lists, namespace: string): Promise<readonly Check[]> {
  const jobs = await lists.all(
    `/apis/batch/v1/namespaces/${encodeURIComponent(namespace)}/jobs?labelSelector=${encodeURIComponent(cleanupLabel)}`,
  );
  if (isRefused(jobs)) return [];
  const failed = jobs.flatMap(({ metadata, status }) =>
    Number(fieldsOf(status)['failed'] ?? 0) > 0 ? [textOf(fieldsOf(metadata)['name']) ?? ''] : [],
  );
  if (failed.length === 0) return [];
  return [
    warn(
      'clean-up',
      `the job ${named(failed)} of an uninstallation failed: what agents wrote may still be there`,
      `kubectl -n ${namespace} logs job/${failed[0]}, then realmem cleanup --dry-run`,
    ),
  ];
}
