import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  formatHash,
  levelInside,
  levels,
  parseHash,
  pathOf,
  type State,
  startState,
} from '../../src/page/view/scope.ts';

describe('the address', () => {
  it('is empty at the start', () => {
    assert.equal(formatHash(startState), '');
    assert.deepEqual(parseHash(''), startState);
  });

  it('reads as what a person would write', () => {
    const state: State = {
      ...startState,
      by: 'container',
      scope: { namespace: 'shop', workload: 'Deployment/cart' },
      filter: 'real%>80',
      sort: { column: 'REAL%', isDescending: true },
    };
    assert.equal(
      formatHash(state),
      '#namespace=shop&workload=Deployment/cart&by=container&filter=real%25%3E80&sort=-REAL%25',
    );
  });

  it('leaves out what the start of this page is', () => {
    const start: State = { ...startState, view: 'suggestions' };
    assert.equal(formatHash(start, start), '');
    assert.equal(parseHash('#view=memory', start).view, 'memory');
  });

  it('keeps any state, with any text', () => {
    const text = fc.string({ minLength: 1, unit: 'binary' }).filter((one) => one.isWellFormed());
    const some = fc.record(
      { node: text, namespace: text, workload: text, pod: text },
      { requiredKeys: [], noNullPrototype: true },
    );
    fc.assert(
      fc.property(
        some,
        fc.constantFrom(...levels),
        fc.option(text, { nil: undefined }),
        text,
        (scope, by, open, filter) => {
          const state: State = { view: 'memory', scope, by, filter, ...(open !== undefined && { open }) };
          assert.deepEqual(parseHash(formatHash(state)), state);
        },
      ),
    );
  });

  for (const hash of ['#by=planet', '#view=admin', '#sort=<b>', '#%', '#&&==', `#sort=-${'A'.repeat(30)}`])
    it(`ignores what it does not know: ${hash}`, () => assert.deepEqual(parseHash(hash), startState));
});

describe('pathOf', () => {
  it('lists the scopes around a pod, the widest first', () => {
    assert.deepEqual(
      pathOf({ node: 'n1', namespace: 'shop', workload: 'Deployment/cart', pod: 'cart-1' }).map(
        ({ name }) => name,
      ),
      ['n1', 'shop', 'Deployment/cart', 'cart-1'],
    );
    assert.deepEqual(pathOf({ namespace: 'shop', pod: 'cart-1' }).at(-1)?.scope, {
      namespace: 'shop',
      pod: 'cart-1',
    });
  });
});

describe('levelInside', () => {
  for (const [scope, level] of [
    [{}, 'pod'],
    [{ node: 'n1' }, 'namespace'],
    [{ node: 'n1', namespace: 'shop' }, 'workload'],
    [{ namespace: 'shop', workload: 'Deployment/cart' }, 'pod'],
    [{ namespace: 'shop', pod: 'cart-1' }, 'container'],
    [{ namespace: '(outside pods)' }, 'container'],
  ] as const)
    it(`lists ${level}s in ${JSON.stringify(scope)}`, () => assert.equal(levelInside(scope), level));
});
