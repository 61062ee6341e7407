import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiError } from '../../src/kube/api-error.ts';
import { eachPage } from '../../src/kube/pages.ts';

/** Reads pages. @param next returns a page's continue token @returns the requested paths, and the error */
async function paged(next: (page: number) => unknown) {
  const paths: string[] = [];
  const fault = await eachPage('/x', 500, async (path) => {
    paths.push(path);
    return { metadata: { continue: next(paths.length) } };
  }).catch((error: unknown) => error);
  return { paths, fault };
}

describe('eachPage', () => {
  it('requests pages until one has no continue token', async () => {
    const { paths, fault } = await paged((page) => (page < 3 ? `a&${page}` : undefined));
    assert.equal(fault, undefined);
    assert.deepEqual(paths, ['/x?limit=500', '/x?limit=500&continue=a%261', '/x?limit=500&continue=a%262']);
  });

  it('throws when a page returns the same continue token again', async () => {
    const { paths, fault } = await paged(() => 'same');
    assert.ok(fault instanceof ApiError);
    assert.match(fault.message, /^\/x: expected the list to end, got a continue token after 2 pages of 500$/);
    assert.equal(paths.length, 2);
  });

  it('throws TooLarge after 2,000 pages', async () => {
    const { paths, fault } = await paged((page) => `${page}`);
    assert.ok(fault instanceof ApiError);
    assert.equal(fault.reason, 'TooLarge');
    assert.equal(paths.length, 2_000);
  });

  it('throws NotUnderstood for a continue token that is no text or has 10,000 characters', async () => {
    for (const token of [5, {}, 'x'.repeat(10_000)]) {
      const { fault } = await paged(() => token);
      assert.ok(fault instanceof ApiError);
      assert.equal(fault.reason, 'NotUnderstood');
    }
  });
});
