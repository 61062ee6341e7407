import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LogLink } from '../../src/model/pod.ts';
import { podsOfLogs } from '../../src/pods/pod-logs.ts';
import { anyText } from '../model/any-text.ts';

const UID = '8712f785-1a3e-41ec-a00b-e2dcc77431cb';
const directory = `shop_cart_${UID}`;
const id = 'a'.repeat(64);
const older = 'b'.repeat(64);

const link = (file: string, life: string, container = 'app'): LogLink => ({
  file,
  target: `/var/log/pods/${directory}/${container}/${life}`,
});
const idsWith = (logs: readonly LogLink[], links: readonly LogLink[]): readonly string[] | undefined =>
  podsOfLogs({ pods: [{ directory, containers: [{ name: 'app', logs }] }], links })[0]?.containers[0]?.ids;

describe('podsOfLogs', () => {
  it('finds the names of pods, and nothing that only the API knows', () =>
    assert.deepEqual(
      podsOfLogs({ pods: [{ directory, containers: [{ name: 'app', logs: [] }] }], links: [] }),
      [
        {
          uid: UID,
          from: 'logs',
          namespace: 'shop',
          name: 'cart',
          labels: {},
          containers: [{ name: 'app', type: 'unknown', ids: [], running: false }],
        },
      ],
    ));

  for (const wrong of [
    'lost+found',
    UID,
    `shop_cart`,
    `shop__${UID}`,
    `_cart_${UID}`,
    `a.b_cart_${UID}`,
    `shop_cart_x_${UID}`,
    `Shop_cart_${UID}`,
    `shop_cart_${UID}\n`.replace('cart', 'ca\nrt'),
  ])
    it(`ignores ${JSON.stringify(wrong)}, which the kubelet would not write`, () =>
      assert.deepEqual(podsOfLogs({ pods: [{ directory: wrong, containers: [] }], links: [] }), []));

  it('ignores both directories of one UID', () => {
    const pods = [directory, `data_db_${UID.toUpperCase()}`].map((one) => ({
      directory: one,
      containers: [],
    }));
    assert.deepEqual(podsOfLogs({ pods, links: [] }), []);
  });
});

describe('the container ID in pod logs', () => {
  const logs = [{ file: '0.log' }, { file: '1.log' }, { file: '1.log.20261123-090000' }];

  it('comes from the links for log shippers, newest restart first', () =>
    assert.deepEqual(
      idsWith(logs, [link(`cart_shop_app-${older}.log`, '0.log'), link(`cart_shop_app-${id}.log`, '1.log')]),
      [id, older],
    ));

  it('comes from the links of docker', () =>
    assert.deepEqual(
      idsWith([{ file: '0.log', target: `/var/lib/docker/containers/${id}/${id}-json.log` }], []),
      [id],
    ));

  it('is unknown if the newest restart has no link yet', () =>
    assert.deepEqual(idsWith(logs, [link(`cart_shop_app-${older}.log`, '0.log')]), []));

  it('is ignored if the name of a link contradicts its target', () => {
    for (const wrong of [
      link(`cart_shop_other-${id}.log`, '1.log'),
      link(`cart_data_app-${id}.log`, '1.log'),
      link(`cart_shop_app-${id.slice(1)}.log`, '1.log'),
      { file: `cart_shop_app-${id}.log` },
    ])
      assert.deepEqual(idsWith(logs, [wrong]), [], wrong.file);
  });
});

it('podsOfLogs gives pods or nothing for any names, and never throws', () => {
  const name = fc.oneof(
    anyText({ maxLength: 20 }),
    fc.constantFrom(directory, 'app', '0.log', '01.log', '9999999999.log', `cart_shop_app-${id}.log`),
  );
  const life = fc.record({ file: name, target: name });
  const log = fc.record({
    directory: name,
    containers: fc.array(fc.record({ name, logs: fc.array(life, { maxLength: 3 }) }), { maxLength: 3 }),
  });
  fc.assert(
    fc.property(fc.array(log, { maxLength: 4 }), fc.array(life, { maxLength: 3 }), (pods, links) => {
      for (const pod of podsOfLogs({ pods, links })) {
        assert.match(`${pod.namespace}/${pod.name}`, /^[a-z0-9-]+\/[a-z0-9.-]+$/);
        for (const { ids } of pod.containers) for (const one of ids) assert.match(one, /^[0-9a-f]{64}$/);
      }
    }),
    { numRuns: 2000 },
  );
});
