/**
 * Bytes that etcd writes for one of our objects. Each write stores the whole object. etcd stores a custom resource as JSON:
 * the applied fields, the metadata that the API server adds, and the managed fields. With atomic lists the managed fields
 * name only the lists, so their length does not depend on the report.
 */

/** The `metadata` that the server adds, with the managed fields of one manager of a NodeMemoryReport. */
const added = {
  uid: '6e1f0f9c-5f0e-4f43-9d64-0d7f2f1a7b11',
  creationTimestamp: '2026-01-01T00:00:00Z',
  generation: 10_000,
  managedFields: [
    {
      manager: 'realmem',
      operation: 'Apply',
      apiVersion: 'realmem.dev/v1alpha1',
      time: '2026-01-01T00:00:00Z',
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:metadata': { 'f:ownerReferences': { 'k:{"uid":"6e1f0f9c-5f0e-4f43-9d64-0d7f2f1a7b11"}': {} } },
        'f:observed': fields('at', 'cgroupVersion', 'kernel', 'agent', 'periodSeconds'),
        'f:node': fields(
          'capacity',
          'used',
          'real',
          'realPercent',
          'available',
          'workingSet',
          'pods',
          'ooms',
        ),
        'f:pods': {},
        'f:status': fields('conditions'),
        'f:conditions': {},
      },
    },
  ],
};

function fields(...names: readonly string[]): Readonly<Record<string, object>> {
  return Object.fromEntries(names.map((name) => [`f:${name}`, {}]));
}

export const serverShare = JSON.stringify(added).length;

/**
 * etcd stores pods as protobuf. This is the assumed size of a pod with two containers, volumes, status and managed
 * fields.
 */
export const assumedPodBytes = 6_000;

export const storedReportBytes = (body: number): number => body + serverShare;

/** Two annotations, and 300 bytes of managed fields. */
export const storedPodBytes = (patch: number): number => assumedPodBytes + patch + 300;
