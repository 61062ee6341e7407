import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readPodLogs } from '../../src/edges/pod-logs.ts';
import { lay, tempDir } from '../temp.ts';

const directory = 'shop_cart_8712f785-1a3e-41ec-a00b-e2dcc77431cb';
const id = 'a'.repeat(64);

describe('readPodLogs', () => {
  it('opens no file and follows no link', (test) => {
    const root = tempDir(test);
    lay(root, {
      [`var/log/pods/${directory}/app/0.log`]: 'x',
      [`var/log/pods/${directory}/app/0.log.gz`]: 'x',
      'var/log/pods/a-file': 'x',
      'var/log/containers/': '',
    });
    fs.chmodSync(path.join(root, `var/log/pods/${directory}/app/0.log`), 0);
    const target = `/var/log/pods/${directory}/app/0.log`;
    fs.symlinkSync(target, path.join(root, `var/log/containers/cart_shop_app-${id}.log`));
    fs.symlinkSync('/', path.join(root, 'var/log/pods/a-link'));
    assert.deepEqual(readPodLogs(root), {
      pods: [{ directory, containers: [{ name: 'app', logs: [{ file: '0.log' }] }] }],
      links: [{ file: `cart_shop_app-${id}.log`, target }],
    });
  });

  it('returns undefined if the directories are missing or lead out of the root', (test) => {
    const root = tempDir(test);
    assert.equal(readPodLogs(root), undefined);
    const elsewhere = tempDir(test);
    lay(elsewhere, { [`${directory}/app/0.log`]: '' });
    fs.mkdirSync(path.join(root, 'var/log'), { recursive: true });
    fs.symlinkSync(elsewhere, path.join(root, 'var/log/pods'));
    assert.equal(readPodLogs(root), undefined);
  });

  it('returns empty lists for an empty directory, and undefined only without one', (test) => {
    const root = tempDir(test);
    lay(root, { 'var/log/pods/': '' });
    assert.deepEqual(readPodLogs(root), { pods: [], links: [] });
  });

  it('returns undefined if var/log/pods is a file, although var/log/containers has links', (test) => {
    const root = tempDir(test);
    lay(root, { 'var/log/pods': '', 'var/log/containers/a.log': '' });
    assert.equal(readPodLogs(root), undefined);
  });

  it('sorts pods, containers, log files and links by name', (test) => {
    const root = tempDir(test);
    for (const name of ['b', 'a', 'C', 'ä', '1'])
      lay(root, {
        [`var/log/pods/${name}/`]: '',
        [`var/log/pods/p/${name}/`]: '',
        [`var/log/pods/p/x/${name}.log`]: '',
        [`var/log/containers/${name}.log`]: '',
      });
    const sorted = ['1', 'C', 'a', 'b', 'ä'];
    const logs = readPodLogs(root);
    assert.deepEqual(
      logs?.pods.map((pod) => pod.directory),
      ['1', 'C', 'a', 'b', 'p', 'ä'],
    );
    const [containers] = logs?.pods.flatMap((pod) => (pod.directory === 'p' ? [pod.containers] : [])) ?? [];
    assert.deepEqual(
      containers?.map(({ name }) => name),
      ['1', 'C', 'a', 'b', 'x', 'ä'],
    );
    const files = sorted.map((name) => `${name}.log`);
    assert.deepEqual(
      containers?.find(({ name }) => name === 'x')?.logs.map(({ file }) => file),
      files,
    );
    assert.deepEqual(
      logs?.links.map(({ file }) => file),
      files,
    );
  });

  it('ignores files beside the containers of a pod, and links to directories', (test) => {
    const root = tempDir(test);
    lay(root, { [`var/log/pods/${directory}/app/`]: '', [`var/log/pods/${directory}/note.log`]: '' });
    fs.symlinkSync('app', path.join(root, `var/log/pods/${directory}/other`));
    assert.deepEqual(readPodLogs(root)?.pods, [{ directory, containers: [{ name: 'app', logs: [] }] }]);
  });

  it('keeps the target of a dangling link as written, relative or absolute', (test) => {
    const root = tempDir(test);
    lay(root, { [`var/log/pods/${directory}/app/`]: '', 'var/log/containers/': '' });
    const app = path.join(root, `var/log/pods/${directory}/app`);
    fs.symlinkSync('../../../gone', path.join(app, '0.log'));
    fs.symlinkSync(`/var/lib/docker/containers/${id}/${id}-json.log`, path.join(app, '1.log'));
    assert.deepEqual(readPodLogs(root)?.pods[0]?.containers[0]?.logs, [
      { file: '0.log', target: '../../../gone' },
      { file: '1.log', target: `/var/lib/docker/containers/${id}/${id}-json.log` },
    ]);
  });

  it('takes names that end in .log only: no .gz, no rotated file', (test) => {
    const root = tempDir(test);
    const names = ['0.log', '0.log.gz', '0.log.20261123-090000', '.log', 'log', '0.LOG'];
    lay(root, Object.fromEntries(names.map((name) => [`var/log/pods/${directory}/app/${name}`, ''])));
    assert.deepEqual(readPodLogs(root)?.pods[0]?.containers[0]?.logs, [{ file: '.log' }, { file: '0.log' }]);
  });

  it('shows no links if only var/log/containers leads out of the root', (test) => {
    const [root, elsewhere] = [tempDir(test), tempDir(test)];
    lay(root, { [`var/log/pods/${directory}/`]: '' });
    lay(elsewhere, { 'a.log': '' });
    fs.symlinkSync(elsewhere, path.join(root, 'var/log/containers'));
    assert.deepEqual(readPodLogs(root), { pods: [{ directory, containers: [] }], links: [] });
  });

  it('refuses a link to the parent of the root, and to a sibling whose name begins with that of the root', (test) => {
    const base = tempDir(test);
    lay(base, { 'root/var/log/': '', 'root-other/x_y_z/': '' });
    const root = path.join(base, 'root');
    for (const target of ['..', '../root-other']) {
      fs.symlinkSync(path.join(root, target), path.join(root, 'var/log/pods'));
      assert.equal(readPodLogs(root), undefined, target);
      fs.rmSync(path.join(root, 'var/log/pods'));
    }
  });

  it('follows a link of the directory that stays in the root, also to a name that begins with two dots', (test) => {
    const root = tempDir(test);
    lay(root, { 'var/log/': '', [`..data/${directory}/`]: '' });
    fs.symlinkSync('../../..data', path.join(root, 'var/log/pods'));
    assert.deepEqual(
      readPodLogs(root)?.pods.map((pod) => pod.directory),
      [directory],
    );
  });
});
