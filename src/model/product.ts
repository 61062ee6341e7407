/** The name of the product, its version, and its group in the API. */
import manifest from '../../package.json' with { type: 'json' };

export const { version } = manifest;

/** 2026-11-01, in milliseconds since 1970: no clock that is right shows an earlier time. Moved with each release. */
export const releasedAt = 1_793_491_200_000;

/** The API's group, and the prefix of annotations: whoever publishes may own another. */
export const domain = 'realmem.dev';
export const apiVersion = `${domain}/v1alpha1`;
/** Of all NodeMemoryReports, in the API. */
export const reportsPath = `/apis/${apiVersion}/nodememoryreports`;

/** The node as the owner of what is written of it: with it, that ends. */
export interface OwnerReference {
  readonly apiVersion: 'v1';
  readonly kind: 'Node';
  readonly name: string;
  readonly uid: string;
}
