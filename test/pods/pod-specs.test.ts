import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { ApiError } from '../../src/kube/api-error.ts';
import type { Call, Kube } from '../../src/kube/client.ts';
import {
  type FoundWorkloads,
  lookUp,
  minorOf,
  runningPods,
  runningPodsIn,
} from '../../src/pods/pod-specs.ts';

const podOf = (name: string, phase?: string): object => ({
  metadata: { namespace: 'shop', name },
  spec: { containers: [{ name: 'web' }] },
  ...(phase !== undefined && { status: { phase } }),
});
const namesOf = (pods: readonly { readonly name: string }[]): readonly string[] =>
  pods.map(({ name }) => name);

describe('runningPodsIn', () => {
  it('reads a list, one pod, and one that does not say that it is a pod', () => {
    for (const object of [
      { kind: 'List', items: [podOf('a')] },
      { kind: 'PodList', items: [podOf('a')] },
      { kind: 'Pod', ...podOf('a') },
      podOf('a'),
      [podOf('a')],
    ])
      assert.deepEqual(namesOf(runningPodsIn(object)), ['a'], JSON.stringify(object));
  });

  it('reads each pod of a recorded list', () => {
    const file = new URL('../../fixtures/patches/in-place/pods.json', import.meta.url);
    const list = JSON.parse(fs.readFileSync(file, 'utf8')) as { readonly items: readonly object[] };
    assert.equal(runningPodsIn(list).length, list.items.length);
  });

  it('leaves out pods that have ended, and what is no pod', () => {
    const items = [
      podOf('a', 'Succeeded'),
      podOf('b', 'Failed'),
      podOf('c', 'Pending'),
      null,
      7,
      {},
      { metadata: {} },
    ];
    assert.deepEqual(namesOf(runningPodsIn({ kind: 'List', items })), ['c']);
    for (const object of [undefined, null, 'text', 7, [], {}]) assert.deepEqual(runningPodsIn(object), []);
  });
});

describe('runningPods', () => {
  function listing(pages: readonly (readonly object[])[]) {
    const paths: string[] = [];
    const kube = {
      list: async ({ path }: Call, each: (item: unknown) => void, unread?: { readonly large?: unknown }) => {
        assert.equal(typeof unread?.large, 'function', 'a pod that is too large would be an error');
        const page = paths.push(path) - 1;
        for (const item of pages[page] ?? []) each(item);
        return page + 1 < pages.length ? { metadata: { continue: `t${page}` } } : {};
      },
    };
    return { kube: kube as unknown as Kube, paths };
  }

  it('asks for the running pods of all namespaces, or of one', async () => {
    const all = listing([]);
    assert.deepEqual(await runningPods(all.kube, undefined), []);
    const one = listing([]);
    await runningPods(one.kube, 'a/b');
    assert.deepEqual(
      [...all.paths, ...one.paths],
      [
        '/api/v1/pods?fieldSelector=status.phase%3DRunning&limit=100',
        '/api/v1/namespaces/a%2Fb/pods?fieldSelector=status.phase%3DRunning&limit=100',
      ],
    );
  });

  it('returns the pods of every page in their order', async () => {
    const { kube, paths } = listing([[podOf('a'), podOf('b')], [], [podOf('c')]]);
    assert.deepEqual(namesOf(await runningPods(kube, undefined)), ['a', 'b', 'c']);
    assert.match(paths[2] ?? '', /&continue=t1$/);
  });
});

describe('lookUp', () => {
  const workload = (name: string, namespace = 'shop') => ({ namespace, workload: name });
  const template = { spec: { template: { spec: { containers: [{ name: 'web' }] } } } };

  async function found(
    workloads: readonly ReturnType<typeof workload>[],
    answer: (path: string) => unknown,
  ): Promise<FoundWorkloads & { readonly paths: readonly string[]; readonly progress: readonly number[] }> {
    const paths: string[] = [];
    const progress: number[] = [];
    const kube = {
      call: async ({ path }: Call) => {
        paths.push(path);
        return answer(path);
      },
    };
    const result = await lookUp(kube, workloads, (read, all) => {
      assert.equal(all, workloads.length);
      progress.push(read);
    });
    return { ...result, paths, progress };
  }
  const failing =
    (status: number, reason = 'X') =>
    (): never => {
      throw new ApiError(status, reason, 'refused');
    };

  it('reads an owner at its path in the API', async () => {
    const asked = [workload('Deployment/cart'), workload('CronJob/sum', 'ops'), workload('Rollout/web')];
    const { owners, pods, paths } = await found(asked, () => template);
    assert.deepEqual(paths, [
      '/apis/apps/v1/namespaces/shop/deployments/cart',
      '/apis/batch/v1/namespaces/ops/cronjobs/sum',
      '/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/web',
    ]);
    const owner = owners.get(asked[0] ?? assert.fail());
    assert.equal(owner !== 'missing' && owner?.template?.containers[0]?.name, 'web');
    assert.deepEqual(pods, []);
  });

  it('reads a bare pod, and calls one that has ended missing', async () => {
    const asked = [workload('Pod/a'), workload('Pod/b')];
    const { owners, pods, paths } = await found(asked, (path) =>
      path.endsWith('a') ? podOf('a') : podOf('b', 'Succeeded'),
    );
    assert.deepEqual(paths, ['/api/v1/namespaces/shop/pods/a', '/api/v1/namespaces/shop/pods/b']);
    assert.deepEqual([namesOf(pods), [...owners]], [['a'], [[asked[1], 'missing']]]);
  });

  it('asks for no kind without a template, and for nothing that is no name', async () => {
    const asked = ['Job/x', 'Deployment/../x', 'Deployment/', 'Deployment', 'constructor/x', 'Pod/A', ''].map(
      (name) => workload(name),
    );
    const { owners, paths, progress } = await found(asked, () => template);
    assert.deepEqual([owners.size, paths], [0, []]);
    assert.deepEqual(progress, [1, 2, 3, 4, 5, 6, 7]);
  });

  it('escapes a namespace that would lead elsewhere', async () => {
    const { paths } = await found([workload('Deployment/cart', '../../secrets')], () => template);
    assert.deepEqual(paths, ['/apis/apps/v1/namespaces/..%2F..%2Fsecrets/deployments/cart']);
  });

  it('calls an owner missing that the API does not find', async () => {
    const asked = [workload('Deployment/cart'), workload('Pod/a')];
    assert.deepEqual([...(await found(asked, failing(404))).owners.values()], ['missing', 'missing']);
  });

  it('leaves out an owner that may not be read, or that is too large to read', async () => {
    for (const answer of [failing(403), failing(401), failing(400), failing(429), failing(0, 'TooLarge')]) {
      const { owners, pods, progress } = await found(
        [workload('Deployment/cart'), workload('Pod/a')],
        answer,
      );
      assert.deepEqual([owners.size, pods.length, progress], [0, 0, [1, 2]]);
    }
  });

  it('throws where the API does not answer, or the error is another', async () => {
    for (const answer of [failing(0, 'Timeout'), failing(0, 'NotJSON'), failing(500), failing(503)])
      await assert.rejects(found([workload('Deployment/cart')], answer), ApiError);
    const broken = (): never => {
      throw new TypeError('broken');
    };
    await assert.rejects(found([workload('Deployment/cart')], broken), TypeError);
  });

  it('reads at most four objects at once, and each once', async () => {
    let [now, most] = [0, 0];
    const paths: string[] = [];
    const kube = {
      call: async ({ path }: Call) => {
        paths.push(path);
        most = Math.max(most, ++now);
        await new Promise((resolve) => setImmediate(resolve));
        now--;
        return template;
      },
    };
    const asked = Array.from({ length: 10 }, (_, index) => workload(`Deployment/d${index}`));
    const seen: number[] = [];
    assert.equal((await lookUp(kube, asked, (read) => seen.push(read))).owners.size, 10);
    assert.deepEqual([most, new Set(paths).size, paths.length], [4, 10, 10]);
    assert.deepEqual(seen, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('of no workload asks for nothing', async () => {
    const { owners, pods, paths, progress } = await found([], () => template);
    assert.deepEqual([owners.size, pods, paths, progress], [0, [], [], []]);
  });
});

describe('minorOf', () => {
  const of = (answer: unknown): Promise<number | undefined> => minorOf({ call: async () => answer });

  it('returns the minor version, also with the suffix of a vendor', async () => {
    for (const [minor, number] of [
      ['34', 34],
      ['34+', 34],
      ['9', 9],
      ['0', 0],
      [34, 34],
    ] as const)
      assert.equal(await of({ major: '1', minor }), number, String(minor));
  });

  it('returns undefined where the API does not say, or the major version is not 1', async () => {
    for (const answer of [
      ...[
        {},
        { major: '1' },
        { major: '1', minor: '' },
        { major: '1', minor: 'x' },
        { major: '1', minor: null },
      ],
      ...[
        { minor: '34' },
        { major: '2', minor: '0' },
        { major: 1, minor: '34' },
        { major: '1', minor: '9'.repeat(99) },
      ],
      ...[undefined, null, 'text', 7, []],
    ])
      assert.equal(await of(answer), undefined, JSON.stringify(answer));
  });

  it('returns undefined where the API refuses, and throws any other error', async () => {
    const failing = (error: Error) => minorOf({ call: () => Promise.reject(error) });
    assert.equal(await failing(new ApiError(403, 'Forbidden', 'm')), undefined);
    assert.equal(await failing(new ApiError(0, 'Timeout', 'm')), undefined);
    await assert.rejects(failing(new TypeError('broken')), TypeError);
  });

  it('asks for /version', async () => {
    const paths: string[] = [];
    await minorOf({ call: async ({ path }) => void paths.push(path) });
    assert.deepEqual(paths, ['/version']);
  });
});
