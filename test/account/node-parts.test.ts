import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { partsOf } from '../../src/account/node-parts.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { Accounted } from '../../src/model/observation.ts';
import type { NodeParts } from '../../src/model/report.ts';

const observation = (path: string, kind: string, real?: number): Accounted =>
  ({
    role: { kind },
    sample: { id: { path, inode: 1 } },
    usage: real === undefined ? {} : { realBytes: real },
  }) as unknown as Accounted;

const sumOf = ({ podsBytes, podsRestBytes = bytes(0), systemBytes, restBytes = bytes(0) }: NodeParts) =>
  podsBytes + podsRestBytes + systemBytes + restBytes;

describe('partsOf', () => {
  const node = [
    observation('/kubepods', 'kube', 500),
    observation('/kubepods/burstable', 'kube', 300),
    observation('/kubepods/burstable/poda', 'pod', 200),
    observation('/kubepods/burstable/poda/c', 'container', 150),
    observation('/kubepods/podb', 'pod', 170),
    observation('/system.slice', 'other', 90),
    observation('/system.slice/ssh.service', 'other', 60),
    observation('/docker', 'other', 40),
  ];

  it('splits the node into pods, the rest of their groups, other cgroups and a rest', () =>
    assert.deepEqual(partsOf(node, bytes(800)), {
      podsBytes: 370,
      podsRestBytes: 130,
      systemBytes: 130,
      restBytes: 170,
    }));

  it('keeps negative parts, since each cgroup is read at another moment', () =>
    assert.equal(partsOf(node, bytes(600))?.restBytes, -30));

  it('leaves out the rest without a figure of the node, and that of pods without a kubepods group', () => {
    assert.equal('restBytes' in (partsOf(node, undefined) ?? {}), false);
    assert.deepEqual(partsOf([observation('/a.service', 'other', 5)], bytes(7)), {
      podsBytes: 0,
      systemBytes: 5,
      restBytes: 2,
    });
  });

  it('counts the containers of a pod whose own cgroup is missing or elsewhere', () => {
    const made = partsOf(
      [
        observation('/kubepods.slice', 'kube', 50),
        observation('/kubepods.slice/poda', 'pod'),
        observation('/kubepods.slice/poda/c', 'container', 40),
        observation('/system.slice', 'other', 30),
        observation('/system.slice/slice:cri-containerd:id', 'container', 20),
      ],
      undefined,
    );
    assert.deepEqual(made, { podsBytes: 60, podsRestBytes: 10, systemBytes: 10 });
  });

  it('takes the pods of a nested node out of the container of that node', () => {
    const made = partsOf(
      [
        observation('/docker/kind', 'other', 100),
        observation('/docker/kind/kubelet/kubepods', 'kube', 70),
        observation('/docker/kind/kubelet/kubepods/poda', 'pod', 60),
      ],
      undefined,
    );
    assert.deepEqual(made, { podsBytes: 60, podsRestBytes: 10, systemBytes: 30 });
  });

  it('returns undefined if no cgroup has a real', () =>
    assert.equal(partsOf([observation('/a', 'other')], bytes(7)), undefined));

  it('adds up to the real of the node in any tree', () => {
    const path = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 });
    const one = fc.tuple(
      path,
      fc.constantFrom('kube', 'pod', 'container', 'other'),
      fc.option(fc.nat(1000), { nil: undefined }),
    );
    fc.assert(
      fc.property(fc.uniqueArray(one, { selector: ([names]) => names.join('/') }), fc.nat(), (tree, used) => {
        const made = partsOf(
          tree.map(([names, kind, real]) => observation(`/${names.join('/')}`, kind, real)),
          bytes(used),
        );
        assert.ok(made === undefined || sumOf(made) === used);
      }),
    );
  });
});
