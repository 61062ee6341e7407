/** Huge pods that an API server accepts from a tenant: each within etcd's 1.5 MiB per object. */

const metadataOf = (name: string) => ({
  name,
  namespace: 'tenant',
  uid: `u-${name}`,
  resourceVersion: '7',
});

const many = <T>(count: number, one: (at: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, at) => one(at));

/** A typical pod. */
export const plainPod = (name: string) => ({
  metadata: { ...metadataOf(name), namespace: 'shop', labels: { app: name } },
  spec: { nodeName: 'n', containers: [{ name: 'main', args: ['-Xmx512m'] }] },
  status: {
    containerStatuses: [{ name: 'main', containerID: `containerd://${name}`, state: { running: {} } }],
  },
});

/** A pod with 700 kB of labels. */
export const labelledPod = (name: string) => ({
  metadata: {
    ...metadataOf(name),
    labels: Object.fromEntries(many(7_000, (at) => [`${'k'.repeat(40)}-${at}`, 'v'.repeat(50)])),
  },
  spec: { nodeName: 'n', containers: [{ name: 'main' }] },
});

/** A pod with 1.4 MB of JVM flags. */
export const flaggedPod = (name: string) => ({
  metadata: metadataOf(name),
  spec: {
    nodeName: 'n',
    containers: [
      { name: 'main', command: ['java', '-Xmx1g'], args: ['-XX:MaxRAMPercentage=50.123456 '.repeat(45_000)] },
    ],
  },
});

/** A container with the API server's defaults. */
const container = (at: number) => ({
  name: `c-${at}`,
  image: 'a',
  resources: { requests: { memory: '1Mi' } },
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  imagePullPolicy: 'Always',
});

/** A pod with 5,000 containers. */
export const crowdedPod = (name: string) => ({
  metadata: metadataOf(name),
  spec: { nodeName: 'n', containers: many(5_000, container) },
});

/** A pod whose `realmem.dev` annotations another writer filled with 500 kB. */
export const reportedPod = (name: string) => ({
  metadata: {
    ...metadataOf(name),
    annotations: {
      'realmem.dev/report': `{"containers":{${many(2_500, (at) => `"${'c'.repeat(90)}${at}":{}`)}}}`,
      'realmem.dev/memory': 'm'.repeat(250_000),
    },
  },
  spec: { nodeName: 'n', containers: [{ name: 'main' }] },
});

/** A pod with 1.4 MB of `<`, each of which the API server writes in six bytes. */
export const escapedPod = (name: string): string =>
  JSON.stringify({
    metadata: metadataOf(name),
    spec: { nodeName: 'n', containers: [{ name: 'main', args: ['<'.repeat(1_400_000)] }] },
  }).replaceAll('<', '\\u003c');

/** A pod with 130,000 environment variables: as many values as fit. */
export const enviousPod = (name: string) => ({
  metadata: metadataOf(name),
  spec: { nodeName: 'n', containers: [{ name: 'main', env: many(130_000, () => ({ name: 'a' })) }] },
});
