import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { anonymized, saltedHash, unredacted } from '../../src/recording/redact.ts';

const uid = '8a05cdc7-1ab4-4870-8afa-97b66d5c660b';
const id = 'f0ee60ca0d9b506ee47dea98a019cb5d43f0ead799e80cb6d5c0859d0b78573d';
const logs = { pods: [{ directory: `shop_cart_${uid}`, containers: [] }], links: [] };

describe('unredacted', () => {
  it('returns every name, path, content, pod and log as it is', () => {
    const content = Buffer.from('Name:\tacme\n');
    const pods = [{ metadata: { name: 'acme' } }];
    assert.equal(unredacted.name('acme'), 'acme');
    assert.equal(unredacted.cgroup('/docker/acme'), '/docker/acme');
    assert.equal(unredacted.mountPoint('/acme'), '/acme');
    assert.equal(unredacted.content('proc/7/status', content), content);
    assert.equal(unredacted.pods(pods), pods);
    assert.equal(unredacted.logs(logs), logs);
  });
});

describe('anonymized', () => {
  const hidden = anonymized((text) => createHmac('sha256', 'one').update(text).digest('hex'));

  it('gives the same name in each part of a recording, so that references still match', () => {
    const name = hidden.name('acme');
    assert.match(name, /^n[0-9a-f]{12}$/);
    assert.equal(hidden.cgroup('/docker/acme'), `/docker/${name}`);
    assert.equal(hidden.mountPoint('/mnt/acme'), `/mnt/${name}`);
    const status = hidden.content('proc/7/status', Buffer.from('Name:\tacme\n'));
    assert.equal(Buffer.from(status).toString(), `Name:\t${name}\n`);
    assert.deepEqual(hidden.pods({ name: 'acme' }), { name });
    assert.deepEqual(
      hidden.logs({ pods: [{ directory: `acme_acme_${uid}`, containers: [] }], links: [] }).pods,
      [
        {
          directory: `${name}_${name}_${hidden.cgroup(`/kubepods/pod${uid}`).slice('/kubepods/pod'.length)}`,
          containers: [],
        },
      ],
    );
  });

  it('gives the same container ID in a cgroup and in a pod', () => {
    const { containerID } = hidden.pods({ containerID: `containerd://${id}` }) as { containerID: string };
    assert.equal(
      hidden.cgroup(`/kubepods/pod${uid}/${id}`).split('/').at(-1),
      containerID.slice('containerd://'.length),
    );
  });

  it('gives other names with another salt', () =>
    assert.notEqual(
      hidden.name('acme'),
      anonymized((text) => createHmac('sha256', 'two').update(text).digest('hex')).name('acme'),
    ));
});

describe('saltedHash', () => {
  it('gives 64 hexadecimal digits, the same for the same text and different for any other', () => {
    const hash = saltedHash();
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (one, other) => {
        assert.match(hash(one), /^[0-9a-f]{64}$/);
        assert.equal(hash(one) === hash(other), one === other);
      }),
    );
    assert.notEqual(hash('acme-cart-1'), hash('acme-cart-2'));
    for (const text of ['', '__proto__', 'constructor']) assert.equal(hash(text), hash(text));
  });

  it('has a new salt in each run, so nobody can test guesses', () => {
    const [one, other] = [saltedHash(), saltedHash()];
    assert.notEqual(one('acme'), other('acme'));
    assert.notEqual(one(''), createHmac('sha256', '').update('').digest('hex'));
  });
});
