import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ApiError } from '../../src/kube/api-error.ts';
import { ApiFailures, FailureLog } from '../../src/kube/api-failures.ts';

describe('ApiFailures', () => {
  it('counts failures by call and reason', () => {
    const failures = new ApiFailures();
    failures.add('list', new ApiError(403, 'Forbidden', 'no'));
    failures.add('watch', new ApiError(0, 'ECONNRESET', 'cut'));
    failures.add('watch', new ApiError(0, 'ENOTFOUND', 'who'));
    failures.add('watch', new ApiError(101, 'Unexpected', 'protocol'));
    failures.add('write', new ApiError(503, 'ServiceUnavailable', 'later'));
    failures.add('read', new TypeError('a bug'));
    assert.deepEqual(
      failures.all.map(({ call, reason, count }) => `${call} ${reason} ${count}`),
      ['list Forbidden 1', 'watch Connection 2', 'watch Unexpected 1', 'write ServerError 1', 'read Other 1'],
    );
  });

  it('has at most 20 label combinations for any status, reason and message', () => {
    const failures = new ApiFailures();
    fc.assert(
      fc.property(fc.integer(), fc.string(), fc.string(), (status, reason, message) =>
        failures.add('read', new ApiError(status, reason, message)),
      ),
      { numRuns: 2_000 },
    );
    for (let status = 0; status < 600; status++) failures.add('read', new ApiError(status, 'x', 'y'));
    assert.ok(failures.all.length <= 20);
    for (const { reason } of failures.all) assert.match(reason, /^[A-Z][A-Za-z]+$/);
  });
});

describe('FailureLog', () => {
  const refused = new ApiError(403, 'Forbidden', 'no right');
  const cut = new ApiError(0, 'ECONNRESET', 'cut');

  it('logs two alternating failures once each', () => {
    const said: string[] = [];
    const news = new FailureLog((message) => said.push(message));
    for (let at = 0; at < 600_000; at += 30_000) {
      news.failed('list', refused, at);
      news.failed('watch', cut, at);
      news.worked(at + 10);
    }
    assert.deepEqual(said, [
      "cannot list this node's pods, retrying: no right",
      "cannot watch this node's pods, retrying: cut",
    ]);
  });

  it('logs the recovery after two minutes without a failure, and then the next failure again', () => {
    const said: string[] = [];
    const news = new FailureLog((message) => said.push(message));
    news.worked(0);
    news.failed('list', refused, 1_000);
    news.worked(100_000);
    news.worked(121_000);
    news.worked(200_000);
    news.failed('list', refused, 300_000);
    assert.deepEqual(
      said.map((message) => message.slice(0, 24)),
      ["cannot list this node's pods", 'the API answers again for', "cannot list this node's pods"].map(
        (text) => text.slice(0, 24),
      ),
    );
  });
});
