import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiError } from '../../src/kube/api-error.ts';
import { eachPage, mapsPath } from '../../src/kube/pages.ts';

/** Reads pages. @param next returns a page's continue token @returns the requested paths, how often the list began, and the error */
async function paged(next: (page: number) => unknown) {
  const paths: string[] = [];
  let begun = 0;
  const read = async (path: string): Promise<unknown> => {
    paths.push(path);
    return { metadata: { continue: next(paths.length) } };
  };
  const fault = await eachPage('/x', 500, read, () => begun++).catch((error: unknown) => error);
  return { paths, begun, fault };
}
const forgotten = new ApiError(410, 'Expired', 'the provided continue parameter is too old');

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

  it('begins again when the API server forgets the list, and gives up when it forgets it twice', async () => {
    const forget = (...pages: readonly number[]) =>
      paged((page) => {
        if (pages.includes(page)) throw forgotten;
        return page < 5 ? `${page}` : '';
      });
    const { paths, begun, fault } = await forget(3);
    assert.deepEqual([begun, fault], [2, undefined]);
    assert.deepEqual(paths.slice(2), ['/x?limit=500&continue=2', '/x?limit=500', '/x?limit=500&continue=4']);
    const twice = await forget(2, 3);
    assert.deepEqual([twice.begun, twice.fault], [2, forgotten]);
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

  it('appends the limit to the query of a path that has one', async () => {
    const paths: string[] = [];
    await eachPage(
      '/x?fieldSelector=a',
      1,
      async (path) => {
        paths.push(path);
        return { metadata: { continue: paths.length === 1 ? 'b' : '' } };
      },
      () => {},
    );
    assert.deepEqual(paths, ['/x?fieldSelector=a&limit=1', '/x?fieldSelector=a&limit=1&continue=b']);
  });

  it('takes a missing or null token, metadata or list for the end of the list', async () => {
    for (const list of [
      null,
      undefined,
      {},
      { metadata: null },
      { metadata: { continue: null } },
      'text',
      5,
    ]) {
      let pages = 0;
      await eachPage(
        '/x',
        500,
        async () => {
          pages++;
          return list;
        },
        () => {},
      );
      assert.equal(pages, 1, JSON.stringify(list));
    }
  });

  it('accepts a continue token of 8,192 characters, and refuses one of 8,193', async () => {
    const withToken = (length: number) => paged((page) => (page === 1 ? 'x'.repeat(length) : ''));
    assert.equal((await withToken(8_192)).fault, undefined);
    const { fault, paths } = await withToken(8_193);
    assert.match(
      (fault as Error).message,
      /^\/x: expected a continue token of at most 8192 characters, got another value$/,
    );
    assert.equal(paths.length, 1);
  });

  it('accepts a list of exactly 2,000 pages', async () => {
    const { fault, paths } = await paged((page) => (page < 2_000 ? `${page}` : ''));
    assert.deepEqual([fault, paths.length], [undefined, 2_000]);
  });

  it('escapes a token that would add to the query', async () => {
    const { paths } = await paged((page) => (page === 1 ? 'a&watch=true#/?%é' : ''));
    assert.equal(paths[1], '/x?limit=500&continue=a%26watch%3Dtrue%23%2F%3F%25%C3%A9');
  });

  it('rejects with the error of a page, and requests no further one', async () => {
    let pages = 0;
    const error = new ApiError(403, 'Forbidden', 'no');
    await assert.rejects(
      eachPage(
        '/x',
        500,
        async () => {
          pages++;
          if (pages === 2) throw error;
          return { metadata: { continue: 'next' } };
        },
        () => {},
      ),
      error,
    );
    assert.equal(pages, 2);
  });
});

describe('mapsPath', () => {
  it('escapes a namespace that would change the path', () => {
    assert.equal(mapsPath('shop'), '/api/v1/namespaces/shop/configmaps');
    assert.equal(mapsPath('../a?b'), '/api/v1/namespaces/..%2Fa%3Fb/configmaps');
  });
});
