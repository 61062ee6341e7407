/** What belongs to a row: the pods of a namespace, the containers of a pod. */
import type { Grouping, Row } from '../render/row.ts';

/** The row that was opened: only what belongs to it is listed. */
export interface RowScope {
  /** The kind and name of the row, for the header. Not escaped. */
  readonly name: string;
  /** The rows that belong to it. */
  readonly by: Grouping;
  readonly holds: (row: Row) => boolean;
}

/** Undefined if nothing belongs to the row. */
export function scopeOf(by: Grouping, row: Row): RowScope | undefined {
  const { labels, target } = row;
  const { NAMESPACE: namespace, WORKLOAD: workload, POD: pod, NODE: node } = labels;
  switch (by) {
    case 'container':
      return undefined;
    case 'pod':
      return {
        name: `pod ${target}`,
        by: 'container',
        // A pod and its successor on another node can have the same name.
        holds: ({ labels: of, node: on }) =>
          of['POD'] === pod && of['NAMESPACE'] === namespace && on === row.node,
      };
    case 'workload':
      return {
        name: `workload ${target}`,
        by: 'pod',
        holds: ({ labels: of, workload: owner }) => owner === workload && of['NAMESPACE'] === namespace,
      };
    case 'namespace':
      return {
        name: `namespace ${target}`,
        by: 'pod',
        holds: ({ labels: of }) => of['NAMESPACE'] === namespace,
      };
    case 'node':
      return { name: `node ${target}`, by: 'pod', holds: ({ node: on }) => on === undefined || on === node };
  }
}
