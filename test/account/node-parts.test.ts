import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { partsOf } from '../../src/account/node-parts.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { Accounted } from '../../src/model/observation.ts';
import type { NodeParts } from '../../src/model/report.ts';

const sighting = (path: string, kind: string, real?: number): Accounted =>
  ({
    place: { kind },
    sample: { id: { path, inode: 1 } },
    usage: real === undefined ? {} : { realBytes: real },
  }) as unknown as Accounted;

const sumOf = ({ podsBytes, podsRestBytes = bytes(0), systemBytes, restBytes = bytes(0) }: NodeParts) =>
  podsBytes + podsRestBytes + systemBytes + restBytes;

describe('the parts of a node', () => {
  const node = [
    sighting('/kubepods', 'kube', 500),
    sighting('/kubepods/burstable', 'kube', 300),
    sighting('/kubepods/burstable/poda', 'pod', 200),
    sighting('/kubepods/burstable/poda/c', 'container', 150),
    sighting('/kubepods/podb', 'pod', 170),
    sighting('/system.slice', 'other', 90),
    sighting('/system.slice/ssh.service', 'other', 60),
    sighting('/docker', 'other', 40),
  ];

  it('are pods, what their groups have beyond them, all else that has a cgroup, and a rest', () =>
    assert.deepEqual(partsOf(node, bytes(800)), {
      podsBytes: 370,
      podsRestBytes: 130,
      systemBytes: 130,
      restBytes: 170,
    }));

  it('are signed: each is read at its own moment', () =>
    assert.equal(partsOf(node, bytes(600))?.restBytes, -30));

  it('have no rest where the node’s own figure is not known, and no rest of pods where nothing holds them', () => {
    assert.equal('restBytes' in (partsOf(node, undefined) ?? {}), false);
    assert.deepEqual(partsOf([sighting('/a.service', 'other', 5)], bytes(7)), {
      podsBytes: 0,
      systemBytes: 5,
      restBytes: 2,
    });
  });

  it('count the containers of a pod whose own cgroup has no figure, or is elsewhere', () => {
    const made = partsOf(
      [
        sighting('/kubepods.slice', 'kube', 50),
        sighting('/kubepods.slice/poda', 'pod'),
        sighting('/kubepods.slice/poda/c', 'container', 40),
        sighting('/system.slice', 'other', 30),
        sighting('/system.slice/slice:cri-containerd:id', 'container', 20),
      ],
      undefined,
    );
    assert.deepEqual(made, { podsBytes: 60, podsRestBytes: 10, systemBytes: 10 });
  });

  it('take pods of a node that is a container itself out of that container', () => {
    const made = partsOf(
      [
        sighting('/docker/kind', 'other', 100),
        sighting('/docker/kind/kubelet/kubepods', 'kube', 70),
        sighting('/docker/kind/kubelet/kubepods/poda', 'pod', 60),
      ],
      undefined,
    );
    assert.deepEqual(made, { podsBytes: 60, podsRestBytes: 10, systemBytes: 30 });
  });

  it('are none where no cgroup has a figure', () =>
    assert.equal(partsOf([sighting('/a', 'other')], bytes(7)), undefined));

  it('add up to the node, whatever the tree', () => {
    const path = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 });
    const one = fc.tuple(
      path,
      fc.constantFrom('kube', 'pod', 'container', 'other'),
      fc.option(fc.nat(1000), { nil: undefined }),
    );
    fc.assert(
      fc.property(fc.uniqueArray(one, { selector: ([names]) => names.join('/') }), fc.nat(), (tree, used) => {
        const made = partsOf(
          tree.map(([names, kind, real]) => sighting(`/${names.join('/')}`, kind, real)),
          bytes(used),
        );
        assert.ok(made === undefined || sumOf(made) === used);
      }),
    );
  });
});
