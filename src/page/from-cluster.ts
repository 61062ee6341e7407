/** The view of a cluster → what the page shows. */

import { noPodsNote } from '../cluster/notes.ts';
import { staleSeconds } from '../cluster/rows.ts';
import {
  type ClusterView,
  type ContainerView,
  type NodeView,
  type PodView,
  wholeOf,
} from '../cluster/view.ts';
import { defined } from '../model/json.ts';
import { version } from '../model/product.ts';
import type { PageContainer, PageData, PageNode, PagePod } from './data.ts';
import { unmet } from './from-report.ts';

/** @param name of the cluster */
export const pageOfCluster = (view: ClusterView, name?: string): PageData =>
  defined<PageData>({
    ...{ scope: 'cluster', only: view.only, name, at: view.at, version },
    nodes: view.nodes.map((node) => nodeOf(node, view.at)),
    missing: view.missing,
    notes: [noPodsNote(view) ?? [], view.notes].flat(),
    pods: view.nodes.flatMap(({ pods }) => pods.map(podOf)),
  });

const nodeOf = (node: NodeView, at: number): PageNode => {
  const { name, from, observedAt, agent, capacity, allocatable, real, used, workingSet, available } = node;
  return defined<PageNode>({
    ...{ name, from, observedAt, agent, capacity, allocatable, real, used, workingSet, available },
    staleSeconds: staleSeconds(node, at),
    omitted: node.omitted,
    conditions: unmet(node.conditions),
  });
};

const podOf = ({ containers, ...pod }: PodView): PagePod =>
  defined<PagePod>({
    ...{ namespace: pod.namespace, name: pod.name, node: pod.node, workload: pod.workload },
    ...{ real: pod.real, ooms: pod.ooms },
    // The sum of the containers needs no copy.
    request: pod.request === wholeOf(containers, 'request') ? undefined : pod.request,
    limit: pod.limit === wholeOf(containers, 'limit') ? undefined : pod.limit,
    containers: containers.map(containerOf),
  });

const containerOf = ({ type, ...figures }: ContainerView): PageContainer =>
  type === undefined || type === 'container' ? figures : { ...figures, type };
