/** Checks what earlier installations and settings left in the cluster. */

import type { ClusterView } from '../cluster/view.ts';
import { fieldsOf, textOf } from '../model/json.ts';
import { domain } from '../model/product.ts';
import { probeName } from '../probe-job/manifest.ts';
import { countedText } from '../report/conditions.ts';
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
    ...(await checkProbes(lists, namespace)),
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
      `no agent writes them now (config.annotations=false, or uninstalled). ${annotated.length} of the first ${countedText(pods.length, 'pod')} still have one.`,
      `kubectl annotate pods --all -A ${domain}/memory- ${domain}/report-`,
    ),
  ];
}

const jobsOf = (namespace: string, label: string): string =>
  `/apis/batch/v1/namespaces/${encodeURIComponent(namespace)}/jobs?labelSelector=${encodeURIComponent(label)}`;

/** Kubernetes deletes the Job of a probe a minute after its end, unless its controllers do not run. */
async function checkProbes(lists: Lists, namespace: string): Promise<readonly Check[]> {
  const jobs = await lists.all(jobsOf(namespace, `app.kubernetes.io/name=${probeName}`));
  if (isRefused(jobs) || jobs.length === 0) return [];
  const names = jobs.flatMap(({ metadata }) => textOf(fieldsOf(metadata)['name']) ?? []);
  return [
    warn(
      'probes',
      `the job ${named(names)} probes a container now, or its command was killed`,
      `if nobody probes: kubectl -n ${namespace} delete job ${names[0]}`,
    ),
  ];
}

async function checkCleanup(lists: Lists, namespace: string): Promise<readonly Check[]> {
  const jobs = await lists.all(jobsOf(namespace, cleanupLabel));
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
