import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { RuntimeNames } from '../../src/edges/runtime-names.ts';
import { lay, tempDir } from '../temp.ts';

const web = '5f3cd828853eccc9bb03e12a98e2f68c13764b840367a2e885b0be236b7eef21';
const brief = 'b646f4cbaac6bccbcb00b386f9bea118ef8f261a203a3fd18b1645c608432120';

/** Written by podman 4.3.1 (`podman create --name web`, `podman create --rm --name brief`), without its layers. */
const ofPodman = JSON.stringify([
  {
    ...{ id: web, names: ['web'], image: 'b23d65a6c45f', layer: 'b8e1953bfadc' },
    metadata: '{"image-name":"localhost/test:1","name":"web","created-at":1796052251}',
    created: '2026-11-30T15:24:11.198332629Z',
    flags: { MountLabel: '', ProcessLabel: '' },
  },
  { id: brief, names: ['brief'], flags: { MountLabel: '', ProcessLabel: '', Volatile: true } },
]);

/** Some keys of a file of docker 20.10: other objects in it have names too. */
const ofDocker = (name: string): string =>
  JSON.stringify({
    ...{ ID: web, Name: name, Driver: 'vfs', MountPoints: { '/data': { Name: 'volume' } } },
    Config: { Hostname: web.slice(0, 12), Env: ['PASSWORD=secret'], Labels: { Name: 'label' } },
  });

const dockerFile = `var/lib/docker/containers/${web}/config.v2.json`;
const podmanFile = 'var/lib/containers/storage/overlay-containers/containers.json';

function rootWith(test: TestContext, files: Readonly<Record<string, string>>): string {
  const root = tempDir(test);
  lay(root, files);
  return root;
}

const nameIn = (root: string, cgroup: string) => new RuntimeNames(root).nameOf({ path: cgroup, inode: 1 });

describe('RuntimeNames', () => {
  it("reads docker's name, whatever the cgroup driver", (test) => {
    const root = rootWith(test, { [dockerFile]: ofDocker('/web-1') });
    for (const cgroup of [`/docker/${web}`, `/system.slice/docker-${web}.scope`])
      assert.deepEqual(nameIn(root, cgroup), { name: 'web-1', runtime: 'docker' });
  });

  it('finds docker in the data-root of daemon.json', (test) => {
    const root = rootWith(test, {
      'etc/docker/daemon.json': '{"data-root": "/srv/docker"}',
      [`srv/docker/containers/${web}/config.v2.json`]: ofDocker('/moved'),
    });
    assert.equal(nameIn(root, `/docker/${web}`)?.name, 'moved');
  });

  it("reads podman's names, also those of containers with --rm", (test) => {
    const [first, volatile] = JSON.parse(ofPodman) as readonly unknown[];
    const root = rootWith(test, {
      [podmanFile]: JSON.stringify([first]),
      [podmanFile.replace('containers.json', 'volatile-containers.json')]: JSON.stringify([volatile]),
    });
    assert.deepEqual(nameIn(root, `/machine.slice/libpod-${web}.scope`), { name: 'web', runtime: 'podman' });
    assert.equal(nameIn(root, `/libpod_parent/libpod-${brief}`)?.name, 'brief');
  });

  it("reads nerdctl's names", (test) => {
    const root = rootWith(test, { 'var/lib/nerdctl/1935db59/names/default/cache': web });
    assert.deepEqual(nameIn(root, `/system.slice/nerdctl-${web}.scope`), {
      name: 'cache',
      runtime: 'nerdctl',
    });
  });

  it('reads a name once for each cgroup, and again for a new cgroup with a changed list', (test) => {
    const root = rootWith(test, { [podmanFile]: ofPodman });
    const names = new RuntimeNames(root);
    const old = { path: `/machine.slice/libpod-${web}.scope`, inode: 1 };
    assert.equal(names.nameOf(old)?.name, 'web');
    lay(root, { [podmanFile]: ofPodman.replaceAll('web', 'renamed') });
    assert.equal(names.nameOf(old)?.name, 'web');
    assert.equal(names.nameOf({ ...old, inode: 2 })?.name, 'renamed');
  });

  it('has no name without these directories, and for a cgroup without an ID', (test) => {
    const root = rootWith(test, { 'sys/': '' });
    assert.equal(nameIn(root, `/docker/${web}`), undefined);
    assert.equal(nameIn(rootWith(test, { [dockerFile]: ofDocker('/web') }), '/docker/web'), undefined);
  });

  for (const name of ['/a\u001b[31m', '/../../etc', '', '/ ', `/${'a'.repeat(256)}`])
    it(`drops a name that docker would refuse: ${JSON.stringify(name).slice(0, 20)}`, (test) =>
      assert.equal(nameIn(rootWith(test, { [dockerFile]: ofDocker(name) }), `/docker/${web}`), undefined));

  for (const [what, text] of [
    ['cut off', ofPodman.slice(0, 100)],
    ['not a list', '{"id": 1}'],
    ['a list of other things', '[1, null, {"id": 5, "names": "web"}]'],
    ['too deep', '['.repeat(1000)],
  ] as const)
    it(`has no name from a list that is ${what}`, (test) =>
      assert.equal(nameIn(rootWith(test, { [podmanFile]: text }), `/libpod-${web}.scope`), undefined));

  it('follows no link out of the root', (test) => {
    const elsewhere = rootWith(test, { [dockerFile]: ofDocker('/other-host') });
    const root = rootWith(test, { 'var/lib/': '' });
    fs.symlinkSync(path.join(elsewhere, 'var/lib/docker'), path.join(root, 'var/lib/docker'));
    assert.equal(nameIn(root, `/docker/${web}`), undefined);
  });

  describe('of a user', () => {
    const cgroup = (uid: number): string =>
      `/user.slice/user-${uid}.slice/user@${uid}.service/user.slice/libpod-${web}.scope`;
    const own = process.getuid?.() ?? 0;
    const home = '.local/share/containers/storage/overlay-containers/containers.json';
    const users = `root:x:0:0:root:/root:/bin/sh\nann:x:${own + 1}:1:Ann:/home/ann:/bin/sh\nbob:x:${own || 7}:1::/home/bob:\n`;

    it('come from the home directory of that user', (test) => {
      const root = rootWith(test, {
        'etc/passwd': `me:x:${own}:1::/home/me:/bin/sh\n`,
        [`home/me/${home}`]: ofPodman,
      });
      assert.deepEqual(nameIn(root, cgroup(own)), { name: 'web', runtime: 'podman' });
    });

    it('do not come from files of another user, nor from those of root', (test) => {
      const root = rootWith(test, {
        'etc/passwd': users,
        [`home/ann/${home}`]: ofPodman,
        [podmanFile]: ofPodman,
      });
      assert.equal(nameIn(root, cgroup(own + 1)), undefined);
      assert.equal(nameIn(root, cgroup(12_345)), undefined);
    });

    it('do not name the containers of root', (test) => {
      const root = rootWith(test, { 'etc/passwd': users, [`home/bob/${home}`]: ofPodman });
      assert.equal(nameIn(root, `/machine.slice/libpod-${web}.scope`), undefined);
    });
  });
});
