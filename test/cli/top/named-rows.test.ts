import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { namedRows } from '../../../src/cli/top/named-rows.ts';
import { UsageError } from '../../../src/model/located-error.ts';
import { isPrintable } from '../../../src/model/text.ts';
import type { Grouping, Row } from '../../../src/render/row.ts';

const container = (namespace: string, pod: string, name: string): Row => ({
  labels: { NAMESPACE: namespace, POD: pod, CONTAINER: name },
  target: `${namespace}/${pod}/${name}`,
  usage: {},
});
const containers = [
  container('shop', 'cart-7d-x2', 'web'),
  container('shop', 'cart-7d-x2', 'proxy'),
  container('shop', 'cart-7d-k9', 'web'),
  container('data', 'web', 'postgres'),
];
const workloads: readonly Row[] = ['Deployment/cart', 'StatefulSet/cart-db'].map((name) => ({
  labels: { NAMESPACE: 'shop', WORKLOAD: name },
  target: `shop/${name}`,
  usage: {},
}));

const targets = (name: string | undefined, rows: readonly Row[] = containers, by: Grouping = 'container') =>
  namedRows(rows, { name, by }).map(({ target }) => target);

describe('named', () => {
  it('chooses all rows without a name', () => assert.equal(targets(undefined).length, 4));

  it('chooses containers by their name and by the name of their pod, in all namespaces', () =>
    assert.deepEqual(targets('web'), ['shop/cart-7d-x2/web', 'shop/cart-7d-k9/web', 'data/web/postgres']));

  it('chooses one by its target, in upper case too', () => {
    assert.deepEqual(targets('shop/cart-7d-x2/proxy'), ['shop/cart-7d-x2/proxy']);
    assert.deepEqual(targets('WEB').length, 3);
  });

  it('chooses rows that begin with the name if none has it exactly', () =>
    assert.deepEqual(targets('cart-7d-x'), ['shop/cart-7d-x2/web', 'shop/cart-7d-x2/proxy']));

  it('chooses a workload with and without its kind, and none that only begins with the same', () => {
    assert.deepEqual(targets('cart', workloads, 'workload'), ['shop/Deployment/cart']);
    assert.deepEqual(targets('deployment/cart', workloads, 'workload'), ['shop/Deployment/cart']);
  });

  const messages: Readonly<Record<string, string>> = {
    postgers: 'container "postgers" not found; did you mean postgres?',
    '7d-k9': 'container "7d-k9" not found; did you mean shop/cart-7d-k9/web, cart-7d-k9?',
    'nothing-like-it': 'container "nothing-like-it" not found',
    '\u001b[2J': 'container "\\u001b[2J" not found',
  };
  for (const [name, message] of Object.entries(messages))
    it(`says what is near for ${JSON.stringify(name)}`, () =>
      assert.throws(() => targets(name), new UsageError(message)));

  it('escapes the names that it proposes', () =>
    assert.throws(
      () => targets('red', [container('a', '\u001b[31mred', 'c')]),
      ({ message }: Error) => isPrintable(message) && message.includes('\\u001b[31mred'),
    ));

  it('proposes at most eight names', () => {
    const many = Array.from({ length: 30 }, (_, index) => container('shop', `a-cart-${index}`, 'web'));
    assert.throws(
      () => targets('-cart-', many),
      ({ message }: Error) => message.split(', ').length === 8,
    );
  });

  it('finds nothing among no rows', () => assert.throws(() => targets('x', []), UsageError));
});
