import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { PodLogs } from '../../src/model/pod.ts';
import { podsOfLogs } from '../../src/pods/pod-logs.ts';
import { Anonymizer } from '../../src/recording/anonymize.ts';
import { anonymizeLogs } from '../../src/recording/anonymize-logs.ts';

const anonymizer = new Anonymizer((text) => createHmac('sha256', 'one').update(text).digest('hex'));
const name = (text: string): string => anonymizer.name(text);

const uid = '8a05cdc7-1ab4-4870-8afa-97b66d5c660b';
const id = 'f0ee60ca0d9b506ee47dea98a019cb5d43f0ead799e80cb6d5c0859d0b78573d';
const directory = `acme-shop_acme-cart-x2x1z_${uid}`;
const made = `${name('acme-shop')}_${name('acme-cart-x2x1z')}_${anonymizer.id(uid)}`;

const anonymized = (logs: Partial<PodLogs>): PodLogs =>
  anonymizeLogs({ pods: [], links: [], ...logs }, anonymizer);

/** The target of a life, anonymized. */
const targetOf = (target: string): string | undefined =>
  anonymized({ pods: [{ directory, containers: [{ name: 'acme', logs: [{ file: '0.log', target }] }] }] })
    .pods[0]?.containers[0]?.logs[0]?.target;

describe('anonymizeLogs', () => {
  it('replaces namespace, name, UID and container, and keeps the numbers of the restarts', () =>
    assert.deepEqual(
      anonymized({
        pods: [
          { directory, containers: [{ name: 'acme-web', logs: [{ file: '0.log' }, { file: '12.log' }] }] },
        ],
      }).pods,
      [
        {
          directory: made,
          containers: [{ name: name('acme-web'), logs: [{ file: '0.log' }, { file: '12.log' }] }],
        },
      ],
    ));

  it('replaces a link for log shippers and its target by names that match the pod', () => {
    const link = {
      file: `acme-cart-x2x1z_acme-shop_acme-web-${id}.log`,
      target: `/var/log/pods/${directory}/acme-web/3.log`,
    };
    assert.deepEqual(anonymized({ links: [link] }).links, [
      {
        file: `${name('acme-cart-x2x1z')}_${name('acme-shop')}_${name('acme-web')}-${anonymizer.id(id)}.log`,
        target: `/var/log/pods/${made}/${name('acme-web')}/3.log`,
      },
    ]);
  });

  it('replaces both IDs in a target of docker, and keeps the usual path', () => {
    const hidden = anonymizer.id(id);
    assert.equal(
      targetOf(`/var/lib/docker/containers/${id}/${id}-json.log`),
      `/var/lib/docker/containers/${hidden}/${hidden}-json.log`,
    );
    assert.equal(targetOf(`/containers/${id}/${id}-json.log`), `/containers/${hidden}/${hidden}-json.log`);
  });

  it('replaces other names in the path of docker', () =>
    assert.match(
      targetOf(`/acme/docker/containers/${id}/${id}-json.log`) ?? '',
      /^\/n[0-9a-f]{12}\/docker\/containers\/[0-9a-f]{64}\/[0-9a-f]{64}-json\.log$/,
    ));

  it('leaves out a target of another form, and keeps its life', () => {
    const other = 'a'.repeat(64);
    for (const target of [
      ...['', '/etc/passwd', '../acme', `/var/lib/docker/containers/${id}/${other}-json.log`],
      ...[`/acme/../containers/${id}/${id}-json.log`, `/var/log/pods/${directory}/acme/acme.log`],
      ...['/var/log/pods/acme/acme/0.log', `/var/log/pods/${directory}_acme/acme/0.log`],
    ])
      assert.equal(targetOf(target), undefined, target);
  });

  it('leaves out a life with another name than a number', () => {
    const logs = ['acme.log', '0.log.gz', '0.log.20260101-acme', '.log', '0.log\n'].map((file) => ({
      file,
    }));
    assert.deepEqual(anonymized({ pods: [{ directory, containers: [{ name: 'a', logs }] }] }).pods, [
      { directory: made, containers: [{ name: name('a'), logs: [] }] },
    ]);
  });

  it('leaves out a directory with fewer or more than three parts', () => {
    for (const one of ['', 'acme', 'acme_acme', 'a_b_c_acme'])
      assert.deepEqual(anonymized({ pods: [{ directory: one, containers: [] }] }).pods, [], one);
  });

  it('leaves out a link of another form, with its target', () => {
    const file = `a_b_c-${id}.log`;
    assert.equal(anonymized({ links: [{ file }] }).links.length, 1);
    for (const one of ['acme.log', file.slice(1), file.replace('a_', ''), `${file}.gz`, `x_${file}`])
      assert.deepEqual(anonymized({ links: [{ file: one, target: '/var/acme' }] }).links, [], one);
  });

  it('leads to as many pods and containers as before', () => {
    const logs: PodLogs = {
      pods: [{ directory, containers: [{ name: 'acme-web', logs: [{ file: '0.log' }] }] }],
      links: [
        {
          file: `acme-cart-x2x1z_acme-shop_acme-web-${id}.log`,
          target: `/var/log/pods/${directory}/acme-web/0.log`,
        },
      ],
    };
    const [before, after] = [podsOfLogs(logs), podsOfLogs(anonymizeLogs(logs, anonymizer))];
    const ids = (pods: typeof before) =>
      pods.map(({ containers }) => containers.map((one) => one.ids.length));
    assert.deepEqual(ids(after), ids(before));
    assert.deepEqual(after[0]?.containers[0]?.ids, [anonymizer.id(id)]);
    assert.equal(after[0]?.uid, anonymizer.id(uid));
  });

  it('contains no name, for any names', () => {
    const part = fc
      .array(fc.constantFrom('acme', '_', '-', '/', '.log', '0', id, 'containers', '/var/log/pods/'), {
        maxLength: 8,
      })
      .map((parts) => parts.join(''));
    const link = fc.record({ file: part, target: part }, { requiredKeys: ['file'] });
    const logs = fc.record({
      pods: fc.array(
        fc.record({
          directory: fc.oneof(part, fc.constant(directory)),
          containers: fc.array(fc.record({ name: part, logs: fc.array(link) })),
        }),
        { maxLength: 2 },
      ),
      links: fc.array(link, { maxLength: 2 }),
    });
    fc.assert(
      fc.property(logs, (given) => {
        const text = JSON.stringify(anonymizeLogs(given, anonymizer));
        assert.doesNotMatch(text, new RegExp(`acme|${id}|${uid}`));
      }),
    );
  });
});
