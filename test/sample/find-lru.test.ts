/** Finds the LRU of this machine and of recordings. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openNode } from '../../src/agent/source.ts';
import { tick } from '../../src/agent/tick.ts';
import { openRecording } from '../../src/recording/recording.ts';
import { findLru } from '../../src/sample/lru.ts';
import { recordOnce } from '../recording/record-once.ts';
import { lay, tempDir } from '../temp.ts';

const enabled = 'sys/kernel/mm/lru_gen/enabled';
const release = 'proc/sys/kernel/osrelease';
const note = (more: object): string => JSON.stringify({ node: 'node-1', ...more });

function nodeOf(test: TestContext, files: Readonly<Record<string, string>>) {
  const root = tempDir(test);
  const cgroup = 'sys/fs/cgroup/system.slice/db.service';
  lay(root, {
    'sys/fs/cgroup/cgroup.controllers': 'memory\n',
    [`${cgroup}/memory.current`]: '1000\n',
    [`${cgroup}/memory.stat`]: 'anon 100\nactive_file 0\ninactive_file 800\n',
    ...files,
  });
  const node = openNode({ root }, []);
  test.after(() => node.host.close());
  return { root, node };
}

describe('findLru on a recording', () => {
  for (const [what, files, lru] of [
    ['has the file with the switch on', { [enabled]: '0x0007\n' }, 'multi-generational'],
    ['has the file with the switch off', { [enabled]: '0x0000\n' }, 'classic'],
    [
      'has the file of an older kernel, which a vendor gave it',
      { [enabled]: '0x0007\n', [release]: '5.15.0\n' },
      'multi-generational',
    ],
    [
      'says that the kernel has no such file',
      { 'recording.json': note({ lruGen: false }), [release]: '6.18.0\n' },
      'classic',
    ],
    ['comes from Linux before 6.1', { [release]: '5.15.0-91-generic\n' }, 'classic'],
    [
      'is an old one from Linux 6.1 or later',
      { 'recording.json': note({}), [release]: '6.6.0\n' },
      'unknown',
    ],
    ['says nothing', {}, 'unknown'],
    ['has another value for lruGen', { 'recording.json': note({ lruGen: true }) }, 'unknown'],
  ] as const)
    it(`is ${lru} if it ${what}`, (test) =>
      assert.deepEqual(findLru(nodeOf(test, files).node.host), { lru }));

  it('is unknown with a malformed file, and the report names the file', async (test) => {
    const { node } = nodeOf(test, { [enabled]: 'perhaps\n' });
    assert.equal(findLru(node.host).lru, 'unknown');
    const { report } = await tick(node, 0, true);
    const complete = report?.conditions.find(({ type }) => type === 'Complete');
    assert.match(complete?.message ?? '', /lru_gen\/enabled:1: expected a mask/);
  });

  for (const [what, files] of [
    ['the switch', { [enabled]: '0x0003\n' }],
    ['the note that there is none', { 'recording.json': note({ lruGen: false }) }],
    ['nothing for an unknown LRU', {}],
  ] as const)
    it(`gives the same after another recording: ${what}`, async (test) => {
      const { node } = nodeOf(test, files);
      const target = path.join(tempDir(test), 'recording');
      await recordOnce(node, openRecording(target));
      const again = openNode({ root: target }, []);
      assert.deepEqual(findLru(again.host), findLru(node.host));
      assert.equal(fs.existsSync(path.join(target, enabled)), enabled in files);
      again.host.close();
    });
});

describe('findLru on this machine', () => {
  it('agrees with the kernel, and is classic without the file', () => {
    const node = openNode({ root: '/' }, []);
    const file = `/${enabled}`;
    const { lru } = findLru(node.host);
    node.host.close();
    if (fs.existsSync(file))
      assert.equal(lru, Number(fs.readFileSync(file, 'utf8')) % 2 === 1 ? 'multi-generational' : 'classic');
    else assert.equal(lru, 'classic');
  });

  it('is called again in each pass with a report, since the LRU can be switched at run time', async (test) => {
    const { root, node } = nodeOf(test, { [enabled]: '0x0000\n' });
    await tick(node, 0, true);
    fs.writeFileSync(path.join(root, enabled), '0x0007\n');
    await tick(node, 1000, true);
    assert.equal(findLru(node.host).lru, 'multi-generational');
  });
});
