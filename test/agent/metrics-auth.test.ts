import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { metricsAuth } from '../../src/agent/metrics-auth.ts';
import type { Request } from '../../src/http/request.ts';
import { digestOf } from '../../src/http/tls.ts';
import type { ApiCall } from '../../src/kube/api.ts';
import { ApiError } from '../../src/kube/api-error.ts';

const users: Readonly<Record<string, string>> = {
  good: 'system:serviceaccount:monitoring:prometheus',
  bad: 'mallory',
};

/** An API server with two known tokens. One of the users may read the metrics. */
function setUp(reply?: (call: ApiCall) => Promise<unknown>) {
  let at = 0;
  const calls: ApiCall[] = [];
  const warnings: string[] = [];
  const usual = async ({ path, body }: ApiCall): Promise<unknown> => {
    const { spec } = body as { spec: { token?: string; user?: string } };
    if (path.endsWith('tokenreviews')) {
      const username = users[spec.token ?? ''];
      return { status: username ? { authenticated: true, user: { username, groups: ['g'] } } : {} };
    }
    return { status: { allowed: spec.user === users['good'] } };
  };
  const refuse = metricsAuth({
    api: {
      call(call) {
        calls.push(call);
        return (reply ?? usual)(call);
      },
    },
    digestOf,
    ticks: () => at,
    warn: (message) => void warnings.push(message),
  });
  const request = (authorization?: string): Request => ({
    method: 'GET',
    path: '/metrics',
    ...(authorization !== undefined && { authorization }),
  });
  return {
    calls,
    warnings,
    pass(ms: number): void {
      at += ms;
    },
    status: async (token?: string, source = 'a'): Promise<number> =>
      (await refuse(request(token === undefined ? undefined : `Bearer ${token}`), source))?.status ?? 200,
    refuse: (authorization: string) => refuse(request(authorization), 'a'),
  };
}

describe('metricsAuth', () => {
  it('allows a user whom the API server lets get /metrics', async () => {
    const { status, calls } = setUp();
    assert.equal(await status('good'), 200);
    assert.deepEqual(
      calls.map(({ method, path, body }) => [method, path, (body as { spec: unknown }).spec]),
      [
        ['POST', '/apis/authentication.k8s.io/v1/tokenreviews', { token: 'good' }],
        [
          'POST',
          '/apis/authorization.k8s.io/v1/subjectaccessreviews',
          {
            ...{ user: users['good'], uid: undefined, groups: ['g'], extra: undefined },
            nonResourceAttributes: { path: '/metrics', verb: 'get' },
          },
        ],
      ],
    );
  });

  it('refuses everyone else, with the reason', async () => {
    const { status, refuse, pass } = setUp();
    assert.equal(await status(), 401);
    assert.equal((await refuse('Basic Z29vZDo='))?.status, 401);
    assert.equal((await refuse('Bearer'))?.headers?.['www-authenticate'], 'Bearer');
    assert.equal(await status('bad'), 403);
    pass(1_000);
    assert.equal(await status('none'), 401);
    pass(1_000);
    const answer = await refuse('bearer bad');
    assert.match(String(answer?.body), /^mallory may not get \/metrics: bind a ClusterRole/);
  });

  it('asks once per token, and again when the answer is too old', async () => {
    const { status, calls, pass } = setUp();
    assert.deepEqual(
      await Promise.all([status('good'), status('good'), status('good', 'b')]),
      [200, 200, 200],
    );
    assert.equal(await status('good'), 200);
    assert.equal(calls.length, 2);
    pass(120_000);
    assert.equal(await status('good'), 200);
    assert.equal(calls.length, 4);
    assert.equal(await status('bad', 'c'), 403);
    assert.equal(await status('bad', 'c'), 403);
    assert.equal(calls.length, 6);
    pass(30_000);
    assert.equal(await status('bad', 'c'), 403);
    assert.equal(calls.length, 8);
  });

  it('refuses new tokens while the API server does not answer, and warns once', async () => {
    let away = false;
    const { status, pass, warnings } = setUp(async ({ path }) => {
      if (away) throw new ApiError(0, 'Timeout', 'no answer within 3000 ms');
      return path.endsWith('tokenreviews')
        ? { status: { authenticated: true, user: { username: 'x' } } }
        : { status: { allowed: true } };
    });
    assert.equal(await status('good'), 200);
    away = true;
    pass(1_000);
    assert.equal(await status('good'), 200, 'a cached answer stays valid');
    assert.equal(await status('other'), 503);
    pass(120_000);
    assert.equal(await status('good'), 503, 'until it is too old');
    assert.deepEqual(warnings, [
      'cannot ask the API server who may read the metrics: no answer within 3000 ms',
    ]);
    away = false;
    pass(1_000);
    assert.equal(await status('good'), 200);
  });

  for (const [what, answers] of [
    ['an answer without a status', [{}, {}]],
    ['no answer', [undefined, undefined]],
    ['a user without a name', [{ status: { authenticated: true, user: {} } }, { status: { allowed: true } }]],
    [
      'a text in place of a boolean',
      [{ status: { authenticated: 'true', user: { username: 'x' } } }, { status: { allowed: true } }],
    ],
    [
      'an answer both allowed and denied',
      [
        { status: { authenticated: true, user: { username: 'x' } } },
        { status: { allowed: true, denied: true } },
      ],
    ],
    [
      'an answer without a decision',
      [{ status: { authenticated: true, user: { username: 'x' } } }, { status: {} }],
    ],
  ] as const)
    it(`refuses after ${what}`, async () => {
      const { status } = setUp(async ({ path }) => (path.endsWith('tokenreviews') ? answers[0] : answers[1]));
      assert.ok([401, 403].includes(await status('x')));
    });

  it('limits how often a stranger makes the agent ask the API', async () => {
    const stuck = Promise.withResolvers<unknown>();
    const { status, calls } = setUp(() => stuck.promise);
    const first = status('1', 'a');
    assert.equal(await status('2', 'a'), 429, 'one new token per second and source');
    const others = Array.from({ length: 65 }, (_, n) => status(`n${n}`, `source-${n}`));
    assert.equal(calls.length, 2, 'two calls at the same time');
    assert.equal(await status('more', 'another'), 503, 'the queue is full');
    stuck.resolve({});
    assert.deepEqual(new Set(await Promise.all([first, ...others])), new Set([401]));
    assert.equal(calls.length, 66);
  });

  it('still knows a good token after many bad ones', async () => {
    const { status, calls } = setUp();
    assert.equal(await status('good'), 200);
    for (let n = 0; n < 2_000; n++) await status(`guess-${n}`, `source-${n}`);
    const asked = calls.length;
    assert.equal(await status('good'), 200);
    assert.equal(calls.length, asked);
  });
});
