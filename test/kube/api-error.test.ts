import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { ApiError } from '../../src/kube/api-error.ts';
import { isPrintable } from '../../src/model/text.ts';
import { anyText } from '../model/any-text.ts';

const reasonOf = (reason: string): string => new ApiError(503, reason, 'x').reason;

it('an ApiError keeps status, reason, message and the wait', () => {
  const error = new ApiError(429, 'TooManyRequests', 'slow down', 3_000);
  assert.deepEqual(
    [error.name, error.status, error.reason, error.message, error.retryAfterMs],
    ['ApiError', 429, 'TooManyRequests', 'slow down', 3_000],
  );
  assert.ok(error instanceof Error);
});

it('an ApiError without a wait has undefined, and one with a wait of 0 has 0', () => {
  assert.equal(new ApiError(429, 'TooManyRequests', 'x').retryAfterMs, undefined);
  assert.equal(new ApiError(429, 'TooManyRequests', 'x', 0).retryAfterMs, 0);
});

it('a reason that is a word stays, up to 64 characters', () => {
  for (const word of ['NotFound', 'ERR_TLS_CERT_ALTNAME_INVALID', 'E2BIG', '404', 'a'.repeat(64)])
    assert.equal(reasonOf(word), word);
});

it('a reason that is no word becomes the status', () => {
  for (const text of ['', 'two words', 'a\n"b"', 'NotFound\n', 'tür', 'a-b', 'a'.repeat(65)])
    assert.equal(reasonOf(text), '503', JSON.stringify(text));
  assert.equal(new ApiError(0, 'no word', 'x').reason, '0');
});

it('a message of 1024 characters stays, and a longer one ends there with an ellipsis', () => {
  const whole = 'm'.repeat(1024);
  assert.equal(new ApiError(500, 'x', whole).message, whole);
  assert.equal(new ApiError(500, 'x', `${whole}n`).message, `${whole}…`);
});

it('any message is printable, and at most six times as long as what is kept of it', () =>
  fc.assert(
    fc.property(anyText({ maxLength: 3_000 }), (text) => {
      const { message } = new ApiError(500, 'x', text);
      assert.ok(isPrintable(message));
      assert.ok(message.length <= 6 * 1024 + 1);
    }),
  ));
