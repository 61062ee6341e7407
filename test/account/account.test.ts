import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { account } from '../../src/account/account.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { Place } from '../../src/model/place.ts';
import type { ContainerType, Pod, PodContainer } from '../../src/model/pod.ts';
import type { Identified } from '../../src/model/sighting.ts';

const containerOf = (type: ContainerType, request?: number): PodContainer => ({
  name: type,
  type,
  ids: [],
  running: true,
  ...(request !== undefined && { request: bytes(request) }),
});

const podOf = (...containers: readonly PodContainer[]): Pod => ({
  ...{ uid: 'u', namespace: 'n', name: 'p', labels: {} },
  containers,
});

const podPlace: Place = { kind: 'pod', podUID: 'u', qos: 'Burstable' };
const containerPlace: Place = { kind: 'container', podUID: 'u', id: 'c' };

const sighting = (
  path: string,
  place: Place,
  limit: number | undefined,
  more: Partial<Identified> = {},
): Identified => ({
  place,
  sample: {
    id: { path, inode: 1 },
    version: 2,
    usage: bytes(100),
    ...(limit !== undefined && { details: { limit: bytes(limit) } }),
    faults: [],
  },
  ...more,
});

describe('sightings, accounted', () => {
  const pod = podOf(
    containerOf('container', 64),
    containerOf('sidecar', 32),
    containerOf('init', 500),
    containerOf('ephemeral', 7),
  );

  it('keep their order and all that was known of them', () => {
    const seen = [sighting('/b', podPlace, 5, { pod }), sighting('/a', containerPlace, undefined)];
    const accounted = account(seen);
    assert.deepEqual(
      accounted.map(({ usage: _, ...rest }) => rest),
      seen,
    );
    assert.deepEqual(
      accounted.map(({ usage }) => usage.usageBytes),
      [100, 100],
    );
  });

  it('have the limit of whichever ancestor was sighted as well', () => {
    const [, container] = account([sighting('/p', podPlace, 50), sighting('/p/c', containerPlace, 80)]);
    assert.deepEqual([container?.usage.limitBytes, container?.usage.limitFrom], [50, '/p']);
  });

  it('of a container have its own request', () => {
    const container = { pod, type: 'sidecar', container: containerOf('sidecar', 32) } as const;
    assert.equal(
      account([sighting('/p/c', containerPlace, 80, { pod, container })])[0]?.usage.requestBytes,
      32,
    );
  });

  it('of a pod have the requests of what runs side by side in it', () =>
    assert.equal(account([sighting('/p', podPlace, 80, { pod })])[0]?.usage.requestBytes, 96));

  it('of a pod have the requests of those that ask', () => {
    const some = podOf(containerOf('container', 64), containerOf('container'));
    assert.equal(account([sighting('/p', podPlace, 80, { pod: some })])[0]?.usage.requestBytes, 64);
  });

  it('have no request where nobody asks, or nobody is known', () => {
    const silent = podOf(containerOf('container'), containerOf('init', 500));
    for (const seen of [
      sighting('/p', podPlace, 80, { pod: silent }),
      sighting('/p', podPlace, 80),
      sighting('/p/c', containerPlace, 80, { pod, container: { pod, type: 'sandbox' } }),
      sighting('/s', { kind: 'other', type: 'service', name: 's' }, 80),
    ])
      assert.equal('requestBytes' in (account([seen])[0]?.usage ?? {}), false);
  });
});
