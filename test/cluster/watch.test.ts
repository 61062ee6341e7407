/**
 * Watches pods of the real API server through a proxy that injects faults. Server, pods, connections and credentials
 * are real. Only the watch's clock is virtual: it and all waits run faster by `speed`.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { sleep } from '../../src/edges/clock.ts';
import { FollowedPods, followPods } from '../../src/identify/followed-pods.ts';
import { openAccess } from '../../src/kube/access.ts';
import type { ApiError } from '../../src/kube/api-error.ts';
import { type Kube, openKube } from '../../src/kube/client.ts';
import { busyboxImage, hostNode, openBed } from './bed/bed.ts';
import { ApiProxy, answer, errorEvent, type InjectedFault, refusal, type Which } from './bed/proxy.ts';
import { until } from './machine/until.ts';

/** Each run has its own namespace, because the previous one may still be terminating. */
const namespace = `watch-${process.pid}`;

const isOfPods: Which = ({ path }) => path.startsWith('/api/v1/pods?');
const isWatch: Which = (asked) => isOfPods(asked) && asked.path.includes('watch=1');

/** A fault, and how the test ends it. */
interface Trouble {
  readonly begin: () => void | Promise<void>;
  /** How many errors the client must have seen before the fault ends. */
  readonly notices?: number;
  /** At least one of these errors must match. */
  readonly as: (fault: ApiError) => boolean;
  readonly end?: () => void | Promise<void>;
}

describe('the watch of the pods of node-1', { timeout: 300_000 }, async () => {
  const bed = await openBed();
  const proxy = await ApiProxy.open();
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-watch-'));
  const [caFile, tokenFile] = [path.join(directory, 'ca.crt'), path.join(directory, 'token')];
  const direct = openKube((await openAccess({ file: bed.kubeconfig, env: {} })).credentials);
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  let serial = 0;

  before(async () => {
    await bed.apply(`{apiVersion: v1, kind: Namespace, metadata: {name: ${namespace}}}`);
    await bed.waitFor('the default service account', () =>
      direct.call({ path: `/api/v1/namespaces/${namespace}/serviceaccounts/default` }),
    );
  });

  after(async () => {
    await bed.kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait=false');
    direct.close();
    await proxy.close();
    fs.rmSync(directory, { recursive: true });
  });

  /** Creates a pod through the API, bound to the node. @returns its UID */
  async function create(name: string): Promise<string> {
    const containers = [
      {
        name: 'main',
        image: busyboxImage,
        imagePullPolicy: 'Never',
        command: ['busybox', 'sleep', 'infinity'],
      },
    ];
    const spec = { nodeName: hostNode, terminationGracePeriodSeconds: 0, containers };
    const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
    const made = await direct.call({ method: 'POST', path: pods, body });
    return (made as { metadata: { uid: string } }).metadata.uid;
  }

  const remove = (name: string): Promise<unknown> =>
    direct.call({ method: 'DELETE', path: `${pods}/${name}` });

  function kubeconfig(user: object): string {
    const file = path.join(directory, 'kubeconfig');
    const cluster = { server: proxy.url, 'certificate-authority': caFile };
    const config = {
      clusters: [{ name: 'proxy', cluster }],
      users: [{ name: 'test', user }],
      contexts: [{ name: 'test', context: { cluster: 'proxy', user: 'test' } }],
      'current-context': 'test',
    };
    fs.writeFileSync(file, JSON.stringify(config));
    return file;
  }

  /**
   * Starts the agent's client with a virtual clock. @param user the kubeconfig user; the default is the proxy's
   * administrator
   */
  async function follow(test: TestContext, speed: number, user: object = {}) {
    proxy.heal();
    fs.copyFileSync(proxy.caFile, caFile);
    const kube: Kube = openKube((await openAccess({ file: kubeconfig(user), env: {} })).credentials);
    const end = new AbortController();
    const began = performance.now();
    const now = (): number => (performance.now() - began) * speed;
    const waits: number[] = [];
    const known = new FollowedPods();
    const faults: ApiError[] = [];
    /** For each error, a function that tells which UIDs had a name at that moment. */
    const kept: ((uid: string) => boolean)[] = [];
    let fault: ApiError | undefined;
    // Records every error, even if the client clears it at once.
    Object.defineProperty(known, 'fault', {
      get: () => fault,
      set(next: ApiError | undefined) {
        fault = next;
        if (next === undefined) return;
        faults.push(next);
        const { names } = known;
        kept.push((uid) => names.pod(uid) !== undefined);
      },
    });
    const world = {
      now,
      random: Math.random,
      sleep(ms: number, signal: AbortSignal): Promise<void> {
        waits.push(ms);
        return sleep(ms / speed, signal);
      },
      listed() {},
    };
    const ended = followPods(kube, hostNode, known, world, end.signal);
    test.after(async () => {
      end.abort();
      await ended;
      kube.close();
      proxy.heal();
    });
    const isKnown = (uid: string): boolean => known.names.pod(uid) !== undefined;
    const alwaysKnew = (uid: string): boolean => kept.every((had) => had(uid));
    const outOfStep = (): string | undefined => known.outOfStep(now());
    return { speed, now, waits, faults, isKnown, alwaysKnew, outOfStep };
  }

  /** Creates one pod and deletes another during the fault, and asserts that the client catches up and loses no name. */
  async function survives(client: Awaited<ReturnType<typeof follow>>, trouble: Trouble): Promise<void> {
    serial += 1;
    const steady = await create(`steady-${serial}`);
    const doomed = await create(`doomed-${serial}`);
    // A watch without an answer would meet another deadline than one that falls silent.
    await until(
      'the client to know both pods and to watch',
      () => client.isKnown(steady) && client.isKnown(doomed) && proxy.answering(isWatch) === 1,
    );
    assert.equal(client.outOfStep(), undefined);

    const asked = proxy.asked.length;
    const since = client.now();
    await trouble.begin();
    const born = await create(`born-${serial}`);
    await remove(`doomed-${serial}`);
    await until('the client to see the fault', () => client.faults.length >= (trouble.notices ?? 3));
    assert.ok(client.faults.some(trouble.as), client.faults.map(String).join('\n'));
    await trouble.end?.();
    proxy.heal();
    await until(
      'the client to catch up',
      () => client.isKnown(born) && !client.isKnown(doomed) && client.outOfStep() === undefined,
    );

    assert.ok(client.alwaysKnew(steady) && client.isKnown(steady), 'the client lost a name');
    const requests = proxy.asked.slice(asked).filter(isOfPods).length;
    const most = mostRequests(client.now() - since);
    assert.ok(requests <= most, `${requests} requests, more than ${most}`);
    // The client must also have closed the watches that it gave up.
    await until('exactly one open watch', () => proxy.open(isWatch) === 1);
    for (const name of ['steady', 'born']) await remove(`${name}-${serial}`);
  }

  /** Makes matching requests fail until the client has seen three errors. */
  const meets = (fault: InjectedFault, as: Trouble['as'], which: Which = isWatch): Trouble => ({
    begin: () => proxy.fail(which, fault),
    as,
  });

  it('continues after a connection that breaks in the middle of a line', async (test) => {
    const trouble = meets({ kind: 'cut' }, ({ status }) => status === 0);
    await survives(await follow(test, 10), { ...trouble, notices: 1 });
  });

  it('detects a half-open connection within 200 s, and recovers after five minutes of it', async (test) => {
    const client = await follow(test, 60);
    const began = client.now();
    await survives(client, {
      begin: () => proxy.fail(isWatch, { kind: 'freeze' }),
      notices: 1,
      as: ({ reason }) => reason === 'Silent',
      async end() {
        assert.ok(client.now() - began < 200_000, 'the client noticed the fault after more than 200 s');
        assert.match(client.outOfStep() ?? '', /^for 1[2-9]\d s: .* no answer to a watch request$/);
        await until('five virtual minutes', () => client.now() - began > 300_000);
        assert.notEqual(client.outOfStep(), undefined);
      },
    });
  });

  it('stays fresh for eight minutes without any event', async (test) => {
    const client = await follow(test, 60);
    await until('the client to know the pods', () => client.outOfStep() === undefined);
    const asked = proxy.asked.length;
    const began = client.now();
    // These minutes are virtual, so the server sends no bookmark in them.
    let stale: string | undefined;
    await until('eight virtual minutes', () => {
      stale ??= client.outOfStep();
      return client.now() - began > 480_000;
    });
    assert.deepEqual([stale, client.faults], [undefined, []]);
    assert.ok(proxy.asked.length - asked <= 6, `${proxy.asked.length - asked} requests`);
  });

  it('lists again after an answer 410 Expired', async (test) =>
    survives(
      await follow(test, 10),
      meets(refusal(410, 'Expired'), ({ status }) => status === 410),
    ));

  it('lists again after an event 410 Expired', async (test) =>
    survives(
      await follow(test, 10),
      meets(errorEvent(410, 'Expired'), ({ status }) => status === 410),
    ));

  it('waits at least the 20 s of Retry-After after each 429', async (test) => {
    const client = await follow(test, 10);
    const throttled = meets(
      refusal(429, 'TooManyRequests', { 'retry-after': '20' }),
      (fault) => fault.status === 429,
    );
    let from = 0;
    await survives(client, {
      begin() {
        from = proxy.asked.length;
        return throttled.begin();
      },
      as: throttled.as,
    });
    const times = proxy.asked
      .slice(from)
      .filter(isOfPods)
      .map(({ at }) => at * client.speed);
    const apart = times.slice(1, 3).map((time, at) => time - Number(times[at]));
    // The client adds up to a quarter, so that not all agents come back together.
    assert.equal(client.waits.filter((ms) => ms >= 20_000 && ms <= 25_000).length, 2);
    // A timer may fire a millisecond early.
    for (const ms of apart) assert.ok(ms >= 20_000 - 2 * client.speed && ms < 30_000, `${ms} ms`);
  });

  for (const [what, which] of [
    ['watches', isWatch],
    ['lists and watches', isOfPods],
  ] as const)
    describe(`keeps names and catches up if the answer to ${what} is`, () => {
      it('an error with status 500', async (test) =>
        survives(
          await follow(test, 10),
          meets(refusal(500, 'InternalError'), ({ status }) => status === 500, which),
        ));

      const event = '{"type":"ADDED","object":{"metadata":{"name":"';
      const garbage = {
        'text that is not JSON': 'hello\n',
        'JSON that is not an event': '{"hello":"world"}\n',
        'half a character': Buffer.concat([Buffer.from(event), Buffer.from([0xe2, 0x82]), Buffer.from('\n')]),
        'half of a line': event,
        'an HTML page': '<!doctype html>\n<html><body>Please log in.</body></html>\n',
        empty: '',
      };
      for (const [name, body] of Object.entries(garbage))
        it(name, async (test) =>
          survives(
            await follow(test, 10),
            meets(answer(200, body), ({ status }) => status === 0, which),
          ),
        );
    });

  it('recovers after the API server refused connections for a while', async (test) => {
    await survives(await follow(test, 10), {
      begin: () => proxy.refuse(),
      as: ({ reason }) => reason === 'ECONNREFUSED',
      end: () => proxy.accept(),
    });
  });

  it('trusts a new authority once the CA file contains it', async (test) => {
    await survives(await follow(test, 10), {
      begin: () => proxy.rotate(),
      as: ({ reason }) => /SELF_SIGNED|UNABLE_TO/.test(reason),
      end: () => fs.copyFileSync(proxy.caFile, caFile),
    });
  });

  describe('with a token', () => {
    const role = `${namespace}-pods`;
    const newToken = (): Promise<string> =>
      bed.kubectl('create', 'token', 'watcher', '--namespace', namespace);
    const grant = (): Promise<void> =>
      bed.apply(`
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: ${role}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${role}}
subjects: [{kind: ServiceAccount, name: watcher, namespace: ${namespace}}]
`);
    const revoke = (): Promise<string> =>
      bed.kubectl('delete', 'clusterrolebinding', role, '--ignore-not-found');
    const may = async (): Promise<boolean> => {
      const who = `--as=system:serviceaccount:${namespace}:watcher`;
      return (
        (await bed.kubectl('auth', 'can-i', 'watch', 'pods', '-A', who).catch(() => 'no')).trim() === 'yes'
      );
    };

    before(async () => {
      await bed.apply(`
apiVersion: v1
kind: ServiceAccount
metadata: {name: watcher, namespace: ${namespace}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: ${role}}
rules: [{apiGroups: [''], resources: [pods], verbs: [list, watch]}]
`);
      await grant();
      fs.writeFileSync(tokenFile, await newToken());
      await until('the right to watch pods', may);
    });

    after(async () => {
      await revoke();
      await bed.kubectl('delete', 'clusterrole', role, '--ignore-not-found');
    });

    it('retries after 403 when its right is revoked, and recovers when the right is back', async (test) => {
      await survives(await follow(test, 10, { tokenFile }), {
        async begin() {
          await revoke();
          await until('the loss of the right', async () => !(await may()));
          proxy.drop(isWatch);
        },
        as: ({ status, reason }) => status === 403 && reason === 'Forbidden',
        end: grant,
      });
    });

    it('uses the new token in its file after 401 for the old one', async (test) => {
      // The client library measures the age of the token file's content by this clock.
      const date = Date.now();
      test.mock.timers.enable({ apis: ['Date'], now: date });
      const old = `Bearer ${fs.readFileSync(tokenFile, 'utf8').trim()}`;
      const next = await newToken();
      assert.notEqual(`Bearer ${next.trim()}`, old);
      await survives(await follow(test, 10, { tokenFile }), {
        begin: () => proxy.fail(({ authorization }) => authorization === old, refusal(401, 'Unauthorized')),
        as: ({ status }) => status === 401,
        async end() {
          fs.writeFileSync(tokenFile, next);
          test.mock.timers.setTime(date + 61_000);
          await until(
            'a request with the new token',
            () => proxy.asked.at(-1)?.authorization === `Bearer ${next.trim()}`,
          );
        },
      });
    });
  });
});

/**
 * The most requests in this time: the client waits 0.5 s, doubles the wait up to 15 s, and lists and watches after
 * each.
 */
function mostRequests(ms: number): number {
  let rounds = 2;
  for (let wait = 500, at = 0; at < ms; at += wait, wait = Math.min(2 * wait, 15_000)) rounds += 1;
  return 2 * rounds;
}
