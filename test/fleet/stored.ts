/**
 * What etcd writes for one of ours: each write is of the whole object. A custom resource is kept as JSON: what was
 * applied, what the API server adds to its metadata, and what it notes of the fields' manager. With atomic lists that note
 * names the lists and not what is in them, and has the same length whatever the report's.
 */

/** Of `metadata`: what the server adds, and the note for one manager of a NodeMemoryReport. */
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
        'f:node': fields('capacity', 'used', 'real', 'realPercent', 'available', 'pods', 'ooms'),
        'f:pods': {},
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
 * A pod of another's making is kept as protobuf; so much is assumed for one with two containers, volumes, status and
 * the notes of its managers.
 */
export const assumedPodBytes = 6_000;

export const storedReportBytes = (body: number): number => body + serverShare;

/** Two annotations, and a note of their manager of 300 bytes. */
export const storedPodBytes = (patch: number): number => assumedPodBytes + patch + 300;
