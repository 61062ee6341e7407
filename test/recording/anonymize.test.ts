import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { roleOf } from '../../src/identify/role.ts';
import type { CgroupRole } from '../../src/model/cgroup-role.ts';
import { Anonymizer } from '../../src/recording/anonymize.ts';

const withSalt = (salt: string): Anonymizer =>
  new Anonymizer((text) => createHmac('sha256', salt).update(text).digest('hex'));
const anonymizer = withSalt('one');

const uid = '8712f785-1a3e-41ec-a00b-e2dcc77431cb';
const id = '73051af271105c07e1f493b34856a77e665e3b0b4fc72f76c807dfbffeb881bd';
const underscored = uid.replaceAll('-', '_');

/** The role of a cgroup without its names. */
function kindOf(place: CgroupRole): unknown {
  const { kind } = place;
  if (kind === 'pod') return { kind, qos: place.qos };
  if (kind === 'container') return { kind, runtime: place.runtime };
  if (kind === 'other') return { kind, type: place.type };
  return kind === 'skip' ? { kind, why: place.why } : { kind };
}

const paths = [
  `/kubepods/burstable/pod${uid}/${id}`,
  `/kubepods/pod${uid.replaceAll('-', '')}/${id}`,
  `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${underscored}.slice/cri-containerd-${id}.scope`,
  `/kubepods.slice/kubepods-pod${underscored}.slice/crio-${id}.scope`,
  `/kubepods.slice/kubepods-pod${underscored}.slice/crio-conmon-${id}.scope`,
  `/system.slice/kubepods-burstable-pod${underscored}.slice:cri-containerd:${id}`,
  `/acme-kubepods.slice/acme-kubepods-burstable.slice/acme-kubepods-burstable-pod${underscored}.slice/docker-${id}.scope`,
  `/docker/${id}/kubelet/kubepods/besteffort/pod${uid}/${id}`,
  `/docker/acme-web`,
  `/docker/${id}/init.scope`,
  `/system.slice/acme-web.service`,
  `/system.slice/docker-${id}.scope`,
  `/system.slice/var-lib-acme.mount`,
  `/user.slice/user-1000.slice/user@1000.service/app.slice/acme.scope`,
  `/machine.slice/machine-qemu\\x2d1\\x2dacme.scope`,
  `/machine.slice/libpod-${id}.scope`,
  `/machine.slice/libpod-conmon-${id}.scope`,
  `/machine.slice/machine-acme.scope`,
  `/lxc.payload.acme/acme.service`,
  `/lxc/acme`,
  `/k8s.io/${id}`,
  `/default/acme`,
  `/acme/team`,
  `/podman-acme.slice`,
  `/pod-acme.service`,
  `/kubepods/podacme`,
  `/kubepods/acme`,
  `/kubepods/pod${uid}/acme`,
  `/kubepods/pod${uid}/kata_${id}`,
  `/../../kubepods/burstable/pod${uid}/${id}`,
  `/../pod${uid}/${id}`,
];

describe('an anonymized path', () => {
  for (const path of paths)
    it(`has the same role without its name: ${path.slice(0, 90)}`, () => {
      const made = anonymizer.cgroup(path);
      assert.deepEqual(kindOf(roleOf(made)), kindOf(roleOf(path)));
      for (const name of ['acme', uid, underscored, uid.replaceAll('-', ''), id, '1000'])
        assert.equal(made.includes(name), false, made);
    });

  it('contains the same UID as the anonymized pod', () => {
    const made = [paths[0], paths[2]].map((path) => roleOf(anonymizer.cgroup(path ?? '')));
    for (const place of made) {
      assert.ok(place.kind === 'container');
      assert.equal(place.podUID, anonymizer.id(uid));
      assert.equal(place.id, anonymizer.id(id));
    }
  });

  it('keeps parents and children', () => {
    const [pod = '', container = ''] = [`/kubepods/pod${uid}`, `/kubepods/pod${uid}/${id}`];
    assert.ok(anonymizer.cgroup(container).startsWith(`${anonymizer.cgroup(pod)}/`));
  });

  it('differs in another run', () =>
    assert.notEqual(anonymizer.cgroup('/acme'), withSalt('two').cgroup('/acme')));

  it('has the same role for any names', () => {
    const name = fc.oneof(
      fc.constantFrom(
        'kubepods',
        'burstable',
        'docker',
        'system.slice',
        'user.slice',
        'lxc',
        'kubelet',
        '..',
      ),
      fc.constantFrom(`pod${uid}`, id, `docker-${id}.scope`, `kubepods-pod${underscored}.slice`),
      fc.constantFrom(
        'a.service',
        'a.slice',
        'a.scope',
        'machine-a.scope',
        'crio-conmon-a',
        'pod',
        'poda',
        'a',
      ),
      fc.stringMatching(/^[a-z0-9_.:-]{1,20}$/).filter((one) => !/^\.+$/.test(one)),
    );
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), (names) => {
        const path = `/${names.join('/')}`;
        assert.deepEqual(kindOf(roleOf(anonymizer.cgroup(path))), kindOf(roleOf(path)));
      }),
      { numRuns: 2000 },
    );
  });

  it('has as many parts as before, for any parts', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (path) =>
        assert.equal(anonymizer.cgroup(path).split('/').length, path.split('/').length),
      ),
    ));
});

describe('an anonymized ID', () => {
  it('keeps its form', () => {
    assert.match(anonymizer.id(uid), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.match(anonymizer.id(id), /^[0-9a-f]{64}$/);
  });

  it('is the same with other separators', () =>
    assert.equal(anonymizer.id(underscored).replaceAll('_', '-'), anonymizer.id(uid)));
});

it('every recorded path keeps its role when it is anonymized', () => {
  const hosts = new URL('../../fixtures/hosts/', import.meta.url).pathname;
  const directories = fs
    .readdirSync(hosts, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ parentPath, name }) => /\/sys\/fs\/cgroup(?:\/memory)?(\/.+)$/.exec(`${parentPath}/${name}`)?.[1])
    .filter((path) => path !== undefined);
  assert.ok(directories.length > 20);
  for (const path of directories)
    assert.deepEqual(kindOf(roleOf(anonymizer.cgroup(path))), kindOf(roleOf(path)), path);
});
