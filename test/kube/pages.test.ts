import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiError } from '../../src/kube/api-error.ts';
import { eachPage } from '../../src/kube/pages.ts';

/** Reads pages that go on as told. @returns the paths that were asked for, and the fault it ended in */
async function paged(next: (page: number) => unknown) {
  const paths: string[] = [];
  const fault = await eachPage('/x', 500, async (path) => {
    paths.push(path);
    return { metadata: { continue: next(paths.length) } };
  }).catch((error: unknown) => error);
  return { paths, fault };
}

describe('pages of a list', () => {
  it('are asked for until there is none', async () => {
    const { paths, fault } = await paged((page) => (page < 3 ? `a&${page}` : undefined));
    assert.equal(fault, undefined);
    assert.deepEqual(paths, ['/x?limit=500', '/x?limit=500&continue=a%261', '/x?limit=500&continue=a%262']);
  });

  it('that go on where they began are a fault', async () => {
    const { paths, fault } = await paged(() => 'same');
    assert.ok(fault instanceof ApiError);
    assert.match(fault.message, /^\/x: after 2 pages of 500 the list still goes on$/);
    assert.equal(paths.length, 2);
  });

  it('that never end are a fault', async () => {
    const { paths, fault } = await paged((page) => `${page}`);
    assert.ok(fault instanceof ApiError);
    assert.equal(fault.reason, 'TooLarge');
    assert.equal(paths.length, 2_000);
  });

  it('that go on at no text, or at one that is too long, are a fault', async () => {
    for (const token of [5, {}, 'x'.repeat(10_000)]) {
      const { fault } = await paged(() => token);
      assert.ok(fault instanceof ApiError);
      assert.equal(fault.reason, 'NotUnderstood');
    }
  });
});
