/** Pods as a tenant can make them, where the API server takes them: each has at most the 1.5 MiB of an object of etcd. */

const metadataOf = (name: string) => ({
  name,
  namespace: 'tenant',
  uid: `u-${name}`,
  resourceVersion: '7',
});

const many = <T>(count: number, one: (at: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, at) => one(at));

/** A pod as most are. */
export const plainPod = (name: string) => ({
  metadata: { ...metadataOf(name), namespace: 'shop', labels: { app: name } },
  spec: { nodeName: 'n', containers: [{ name: 'main', args: ['-Xmx512m'] }] },
  status: {
    containerStatuses: [{ name: 'main', containerID: `containerd://${name}`, state: { running: {} } }],
  },
});

/** 700 kB of labels. */
export const labelledPod = (name: string) => ({
  metadata: {
    ...metadataOf(name),
    labels: Object.fromEntries(many(7_000, (at) => [`${'k'.repeat(40)}-${at}`, 'v'.repeat(50)])),
  },
  spec: { nodeName: 'n', containers: [{ name: 'main' }] },
});

/** 1.4 MB of flags of a JVM. */
export const flaggedPod = (name: string) => ({
  metadata: metadataOf(name),
  spec: {
    nodeName: 'n',
    containers: [
      { name: 'main', command: ['java', '-Xmx1g'], args: ['-XX:MaxRAMPercentage=50.123456 '.repeat(45_000)] },
    ],
  },
});

/** As the API server gives a container that was created with a name and an image. */
const container = (at: number) => ({
  name: `c-${at}`,
  image: 'a',
  resources: { requests: { memory: '1Mi' } },
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  imagePullPolicy: 'Always',
});

export const crowdedPod = (name: string) => ({
  metadata: metadataOf(name),
  spec: { nodeName: 'n', containers: many(5_000, container) },
});

/** 250 kB of `realmem.dev/report`, written by somebody else. */
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

/** 1.4 MB of `<`, which the API server writes in six bytes each. */
export const escapedPod = (name: string): string =>
  JSON.stringify({
    metadata: metadataOf(name),
    spec: { nodeName: 'n', containers: [{ name: 'main', args: ['<'.repeat(1_400_000)] }] },
  }).replaceAll('<', '\\u003c');

/** As many values as fit. */
export const enviousPod = (name: string) => ({
  metadata: metadataOf(name),
  spec: { nodeName: 'n', containers: [{ name: 'main', env: many(130_000, () => ({ name: 'a' })) }] },
});
