/** The API's group, and the prefix of annotations: whoever publishes may own another. */
export const domain = 'realmem.dev';
export const apiVersion = `${domain}/v1alpha1`;
/** Of all NodeMemoryReports, in the API. */
export const reportsPath = `/apis/${apiVersion}/nodememoryreports`;
