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
