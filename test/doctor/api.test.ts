/** The checks of the connection, on made answers and clocks. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CheckedApi, checkApi } from '../../src/doctor/api.ts';
import { ApiError } from '../../src/kube/api-error.ts';
import { the } from './worlds.ts';

const at = Date.UTC(2026, 10, 30, 12);

interface Given {
  /** Of each call of /version, the last one again and again. */
  readonly answers?: readonly unknown[];
  /** Milliseconds that each call takes. */
  readonly tookMs?: readonly number[];
  readonly local?: number;
  readonly served?: number | undefined;
}

function checked(given: Given): Promise<CheckedApi> {
  const { answers = [{ gitVersion: 'v1.34.4', minor: '34' }], tookMs = [5], local = at } = given;
  let [calls, ticked] = [0, 0];
  return checkApi({
    kube: {
      call: async () => {
        const answer = answers[calls] ?? answers.at(-1);
        ticked += tookMs[calls] ?? tookMs.at(-1) ?? 0;
        calls++;
        if (answer instanceof Error) throw answer;
        return answer;
      },
      list: () => assert.fail('no list'),
    },
    ...{ server: 'https://prod.example.org:6443', context: 'prod' },
    printed: (error) => new Error(`printed: ${(error as Error).message}`),
    now: () => local,
    ticks: () => ticked,
    served: () => ('served' in given ? given.served : at),
  });
}

describe('the check of the API server', () => {
  for (const [answer, status, message] of [
    [{ gitVersion: 'v1.30.0', major: '1', minor: '30' }, 'ok', /^Kubernetes v1\.30\.0$/],
    [{ gitVersion: 'v1.29.9', major: '1', minor: '29' }, 'warn', /^Kubernetes v1\.29\.9\. Before 1\.30/],
    // Some providers add a sign.
    [{ major: '1', minor: '29+' }, 'warn', /^Kubernetes 1\.29\+\. Before 1\.30/],
    [{ major: '1', minor: '31+' }, 'ok', /^Kubernetes 1\.31\+$/],
    [{}, 'ok', /^Kubernetes \?\.\?$/],
    ['no object', 'ok', /^Kubernetes \?\.\?$/],
  ] as const)
    it(`is ${status} for the version ${JSON.stringify(answer)}`, async () => {
      const check = the('API server', (await checked({ answers: [answer] })).checks);
      assert.equal(check.status, status);
      assert.match(check.message, message);
    });

  for (const [status, todo] of [
    [0, 'kubectl cluster-info, with the same kubeconfig'],
    [401, 'log in again'],
  ] as const)
    it(`fails for status ${status}, in the words of kubectl, and checks nothing more`, async () => {
      const { checks, isReachable } = await checked({ answers: [new ApiError(status, 'x', 'gone')] });
      assert.equal(isReachable, false);
      assert.deepEqual(
        checks.map(({ name }) => name),
        ['kubeconfig', 'API server'],
      );
      assert.deepEqual(checks[1], { name: 'API server', status: 'fail', message: 'printed: gone', todo });
    });

  it('fails if only the second call has no answer', async () => {
    const { isReachable } = await checked({ answers: [{}, new ApiError(0, 'x', 'gone')] });
    assert.equal(isReachable, false);
  });

  it('warns of any other refusal, and goes on without the latency', async () => {
    const { checks, isReachable } = await checked({ answers: [new ApiError(500, 'x', 'etcd is slow')] });
    assert.equal(isReachable, true);
    assert.deepEqual(
      checks.map(({ name, status }) => [name, status]),
      [
        ['kubeconfig', 'ok'],
        ['API server', 'warn'],
        ['clock', 'ok'],
      ],
    );
  });

  it('throws an error that is not from the API', async () => {
    await assert.rejects(checked({ answers: [new TypeError('a bug')] }), /a bug/);
  });
});

describe('the check of the latency', () => {
  for (const [tookMs, status, message] of [
    // The first call also logs in.
    [[9_000, 1_000], 'ok', 'one answer took 1000 ms'],
    [[1, 1_001], 'warn', 'one answer took 1001 ms'],
    [[1, 0.4], 'ok', 'one answer took 0 ms'],
  ] as const)
    it(`is ${status} for calls of ${tookMs.join(' and ')} ms`, async () => {
      const check = the('latency', (await checked({ tookMs })).checks);
      assert.deepEqual([check.status, check.message], [status, message]);
    });
});

describe('the check of the clock', () => {
  for (const [apartMs, status] of [
    [300_000, 'ok'],
    [-300_000, 'ok'],
    [301_000, 'warn'],
    [-301_000, 'warn'],
  ] as const)
    it(`is ${status} for ${apartMs / 1000} s between this machine and the API server`, async () => {
      const { checks, at: used } = await checked({ local: at + apartMs });
      const check = the('clock', checks);
      assert.equal(check.status, status, check.message);
      assert.equal(used, at);
    });

  it('takes the clock of this machine if the API server sends no date', async () => {
    const { checks, at: used } = await checked({ local: 7_000, served: undefined });
    assert.deepEqual(
      [used, the('clock', checks).message],
      [7_000, 'the API server sends no date to compare with'],
    );
  });
});
