import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ApiError } from '../../src/kube/api-error.ts';
import { refusal, toApiError } from '../../src/kube/refusal.ts';
import { printable } from '../../src/model/text.ts';
import { anyText } from '../model/any-text.ts';

const of = (status: number, text: string): readonly unknown[] => {
  const error = refusal(status, undefined, text);
  return [error.status, error.reason, error.message];
};

describe('a refusal', () => {
  it('that is a Status has its reason and message', () => {
    const message = 'pods "cart" is forbidden: User "x" cannot get resource "pods"';
    const text = JSON.stringify({ kind: 'Status', code: 403, reason: 'Forbidden', message });
    assert.deepEqual(of(403, text), [403, 'Forbidden', message]);
  });

  it('keeps the status of HTTP where the Status has another code', () =>
    assert.deepEqual(of(503, '{"code":404,"reason":"NotFound","message":"m"}'), [503, 'NotFound', 'm']));

  it('with a message and no reason has the status as its reason', () => {
    for (const reason of ['', ',"reason":null', ',"reason":7', ',"reason":{}', ',"reason":"no word"'])
      assert.deepEqual(of(500, `{"message":"m"${reason}}`), [500, '500', 'm'], reason);
  });

  it('that is no Status has what came behind the status', () => {
    for (const text of [
      '',
      '<html>bad gateway',
      'null',
      '1',
      '"text"',
      '[]',
      '{}',
      '{"message":1}',
      '{"mess',
    ])
      assert.deepEqual(of(502, text), [502, '502', `HTTP 502: ${text}`]);
  });

  it('that is no Status is cut after 120 characters', () =>
    assert.deepEqual(of(502, 'x'.repeat(121)), [502, '502', `HTTP 502: ${'x'.repeat(120)}`]));

  it('that is a Status longer than the bound has the beginning of its message', () => {
    const line = '\n  .pods[7].containers[0].usage: field not declared in schema';
    const message = `failed to create typed patch object (/n; realmem.dev/v1alpha1): errors:${line}${line}`;
    const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 500 };
    const text = JSON.stringify(status);
    const begin = text.indexOf('failed');
    const end = text.indexOf('","code"');
    for (let cut = begin + 1; cut <= end; cut++) {
      const [, reason, beginning] = of(500, text.slice(0, cut));
      assert.equal(reason, '500');
      assert.ok(
        String(beginning).startsWith('f') && printable(message).startsWith(String(beginning)),
        text.slice(0, cut),
      );
      assert.ok(String(beginning).length >= cut - begin - 2);
    }
  });

  it('that nests deeper than the parser reads is shown as text', () => {
    const deep = `{"message":"m","x":${'['.repeat(200)}${']'.repeat(200)}}`;
    assert.equal(refusal(500, undefined, deep).message, `HTTP 500: ${deep.slice(0, 120)}`);
  });

  it('is an ApiError of that status, whatever came', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 300, max: 599 }),
        fc.option(anyText(), { nil: undefined }),
        fc.oneof(
          anyText(),
          fc.json(),
          fc.record({ reason: fc.jsonValue(), message: fc.jsonValue() }).map((one) => JSON.stringify(one)),
        ),
        (status, retryAfter, text) => {
          const error = refusal(status, retryAfter, text);
          assert.ok(error instanceof ApiError);
          assert.equal(error.status, status);
          assert.ok(error.retryAfterMs === undefined || error.retryAfterMs <= 300_000);
        },
      ),
    ));
});

for (const [said, ms] of [
  [undefined, undefined],
  ['0', 0],
  ['3', 3_000],
  ['299', 299_000],
  ['300', 300_000],
  ['301', 300_000],
  ['1000000000', 300_000],
  ['99999999999999999999999999', 300_000],
  ['', undefined],
  ['-5', undefined],
  ['1.5', undefined],
  ['1e3', undefined],
  ['Fri, 31 Dec 9999 23:59:59 GMT', undefined],
] as const)
  it(`Retry-After: ${said} means ${ms} ms, for a Status and for any other text`, () => {
    for (const text of ['', '{"message":"m"}']) assert.equal(refusal(429, said, text).retryAfterMs, ms);
  });

describe('toApiError', () => {
  it('returns an ApiError as it is', () => {
    const error = new ApiError(404, 'NotFound', 'm');
    assert.equal(toApiError(error, '/x'), error);
  });

  it('turns an error of the socket into one with status 0, its code, and the path', () => {
    const error = toApiError(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }), '/x');
    assert.deepEqual([error.status, error.reason, error.message], [0, 'ECONNRESET', '/x: read ECONNRESET']);
  });

  it('has the reason Error where there is no code', () => {
    for (const [thrown, message] of [
      [new TypeError('bad'), '/x: bad'],
      ['a text', '/x: a text'],
      [undefined, '/x: undefined'],
      [null, '/x: null'],
    ] as const)
      assert.deepEqual(
        [toApiError(thrown, '/x').reason, toApiError(thrown, '/x').message],
        ['Error', message],
      );
  });
});
