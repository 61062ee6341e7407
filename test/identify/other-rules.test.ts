/** The rules outside pods: systemd's units, container IDs, and workloads that their name identifies anywhere. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide, ID, other, shortId } from './decide.ts';

describe('a container ID', () => {
  it('is taken with each prefix of a runtime, with and without .scope', () => {
    for (const [prefix, runtime] of [
      ['docker-', 'docker'],
      ['cri-containerd-', 'containerd'],
      ['crio-', 'cri-o'],
      ['libpod-', undefined],
      ['libpod-payload-', undefined],
      ['nerdctl-', undefined],
      ['', undefined],
    ] as const)
      for (const suffix of ['', '.scope'])
        assert.deepEqual(decide('host', `${prefix}${ID}${suffix}`), [
          other('container', shortId, { id: ID, ...(runtime !== undefined && { runtime }) }),
          'nodeContainer',
        ]);
  });

  it('has exactly 64 digits in lower case', () => {
    for (const wrong of [ID.slice(1), `${ID}0`, ID.toUpperCase(), `${ID.slice(1)}g`, `${ID}\n`, `x${ID}`]) {
      const [role] = decide('host', `docker-${wrong}.scope`);
      assert.deepEqual(role, other('service', `docker-${wrong}`), wrong);
      assert.equal(decide('pod', wrong)[0].kind, 'skip', wrong);
    }
  });

  it('is not taken with an unknown prefix or suffix', () => {
    assert.deepEqual(decide('host', `podman-${ID}`)[0], other('slice', `podman-${ID}`));
    assert.deepEqual(decide('host', `docker-${ID}.slice`)[0], other('slice', `docker-${ID}`));
    assert.equal(decide('pod', `nerdctl-${ID}`)[0].kind, 'skip');
  });

  it('is only shown in short below a service or a user, where anyone may have written it', () => {
    for (const state of ['service', 'user', 'userRuntime', 'nomad', 'ecsTask'] as const)
      assert.deepEqual(decide(state, `docker-${ID}.scope`), [other('container', shortId), 'inner'], state);
  });
});

describe('names of systemd units', () => {
  it('are decoded, also bytes that make one character, and bytes that make none', () => {
    for (const [text, decoded] of [
      ['a\\x2db.service', 'a-b'],
      ['a\\xc3\\xa9.service', 'aé'],
      ['a\\xff.service', 'a\ufffd'],
      ['a\\x2.service', 'a\\x2'],
      ['a\\x2D.service', 'a\\x2D'],
      ['\\x5cx2d.service', '\\x2d'],
    ] as const)
      assert.deepEqual(decide('host', text)[0], other('service', decoded), text);
  });

  it('end in .service or .scope for a service, and in .slice for a slice', () => {
    assert.deepEqual(decide('host', 'ssh.service'), [other('service', 'ssh'), 'service']);
    assert.deepEqual(decide('host', 'init.scope'), [other('service', 'init'), 'service']);
    assert.deepEqual(decide('host', 'system.slice'), [other('slice', 'system'), 'host']);
    // Nothing before the suffix: a plain name.
    for (const text of ['.service', '.scope', '.slice'])
      assert.deepEqual(decide('host', text), [other('slice', text), 'host']);
  });

  it('are skipped for mounts and swaps in every form, but not for names that only contain the word', () => {
    for (const text of ['dev-sda2.swap', 'var-lib.mount', '.mount'])
      assert.equal(decide('host', text)[0].kind, 'skip');
    for (const text of ['mount', 'a.mounts', 'a.mount.service'])
      assert.equal(decide('host', text)[0].kind, 'other', text);
  });

  it('of a user lead to a state without pods: user.slice, or user on v1, but not user-1000.slice on the host', () => {
    for (const text of ['user.slice', 'user'])
      assert.deepEqual(decide('host', text), [other('slice', 'user'), 'user']);
    assert.deepEqual(decide('host', 'user-1000.slice'), [other('slice', 'user-1000'), 'host']);
  });
});

describe('workloads of other runtimes', () => {
  const handle = '2f57368b-0eda-4e52-64d8';

  it('have a UUID whose last part has 4 to 12 digits, as Garden cuts it', () => {
    for (const digits of [4, 12]) {
      const text = `${handle}-${'a'.repeat(digits)}`;
      assert.deepEqual(decide('host', text), [other('container', text), 'nodeContainer']);
    }
    for (const digits of [3, 13])
      assert.deepEqual(
        decide('host', `${handle}-${'a'.repeat(digits)}`)[0],
        other('slice', `${handle}-${'a'.repeat(digits)}`),
      );
  });

  it('of YARN are containers with four or five numbers, not with three or a letter', () => {
    for (const text of ['container_1_2_3_4', 'container_e17_1_2_3_4'])
      assert.deepEqual(decide('host', text), [other('container', text), 'inner']);
    for (const text of ['container_1_2_3', 'container_1_2_3_x', 'container_e_1_2_3_4', 'container_1_2_3_4_5'])
      assert.equal((decide('host', text)[0] as { type?: string }).type, 'slice', text);
  });

  it('of HTCondor are jobs with a numbered slot', () => {
    assert.deepEqual(decide('host', 'condor_x_slot1_2@node'), [
      other('job', 'condor_x_slot1_2@node'),
      'inner',
    ]);
    assert.equal((decide('host', 'condor_x_slot')[0] as { type?: string }).type, 'slice');
  });
});
