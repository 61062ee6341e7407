/** The product's version and its API group. */
import manifest from '../../package.json' with { type: 'json' };

export const { version } = manifest;

/**
 * 2026-11-01, in milliseconds since 1970. A clock that shows an earlier time is wrong. Update it with each release.
 */
export const releasedAt = 1_793_491_200_000;

/** The API group, and the prefix of annotations. A fork must use a domain of its own. */
export const domain = 'realmem.dev';
export const apiVersion = `${domain}/v1alpha1`;
/** API path of all NodeMemoryReports. */
export const reportsPath = `/apis/${apiVersion}/nodememoryreports`;

/** The label that the chart gives to its objects. */
export const chartLabel = 'app.kubernetes.io/name=realmem';
/** Where the documentation installs realmem. */
export const usualNamespace = 'realmem';

/** The node as owner of its report: Kubernetes deletes the report together with the node. */
export interface OwnerReference {
  readonly apiVersion: 'v1';
  readonly kind: 'Node';
  readonly name: string;
  readonly uid: string;
}
