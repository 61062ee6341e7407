import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { account } from '../../src/account/account.ts';
import { openNode } from '../../src/agent/source.ts';
import { identify } from '../../src/identify/names.ts';
import { findTarget } from '../../src/inspect/target.ts';
import { InputError } from '../../src/model/located-error.ts';
import type { Accounted } from '../../src/model/observation.ts';
import { sample } from '../../src/sample/host.ts';
import { anyText } from '../model/any-text.ts';

function seen(host: string): readonly Accounted[] {
  const root = new URL(`../../fixtures/hosts/${host}/root`, import.meta.url).pathname;
  const node = openNode({ root }, []);
  try {
    return account(identify(sample(node.host, true).observations, node.names.names));
  } finally {
    node.host.close();
  }
}

const pods = seen('kubernetes-v1');
const docker = seen('article');
const cart = '/kubepods/burstable/pod8a05cdc7-1ab4-4870-8afa-97b66d5c660b';

const found = (all: readonly Accounted[], target: string, namespace?: string): string | undefined =>
  findTarget(all, { target, ...(namespace !== undefined && { namespace }) })?.sample.id.path;

const refused = (all: readonly Accounted[], target: string, namespace?: string): string => {
  try {
    found(all, target, namespace);
  } catch (error) {
    assert.ok(error instanceof InputError, String(error));
    return error.message;
  }
  throw new assert.AssertionError({ message: `${target} was found` });
};

describe('findTarget', () => {
  it('takes a target with a leading / for the path of a cgroup', () => {
    assert.equal(found(pods, cart), cart);
    assert.equal(found(pods, `${cart}/`), cart);
    assert.equal(found(pods, '/kubepods/nothing'), undefined);
  });

  it('finds the container of namespace/pod/container', () =>
    assert.match(
      found(pods, 'shop/cart-6d5f8c7b9d-x2x1z/proxy') ?? '',
      /^\/kubepods\/burstable\/pod8a05cdc7/,
    ));

  it('finds the only container of namespace/pod', () =>
    assert.equal(found(pods, 'data/postgres-0'), found(pods, 'data/postgres-0/postgres')));

  it('finds a pod by its name and a given namespace', () =>
    assert.equal(found(pods, 'postgres-0', 'data'), found(pods, 'data/postgres-0/postgres')));

  it('finds a container by its ID or a unique prefix of it', () => {
    const [{ sample } = assert.fail()] = docker.filter(
      ({ role }) => role.kind === 'other' && role.type === 'container',
    );
    for (const id of [
      '53a11f13c08099dd6d21030dd2ddade54d5cdd7ae7e9e68f5ba055ad28498b6f',
      '53a11f13c080',
      '5',
    ])
      assert.equal(found(docker, id), sample.id.path);
  });

  it('finds a service by its name', () =>
    assert.equal(found(seen('nri-docker-v2'), 'containerd'), '/system.slice/containerd.service'));

  it('refuses a target that matches several cgroups, and lists them', () => {
    assert.match(
      refused(pods, 'shop/cart-6d5f8c7b9d-x2x1z'),
      /expected one container, got 2; choose one of .*cart-6d5f8c7b9d-x2x1z\/(cart|proxy), .*\/(cart|proxy)$/,
    );
    assert.match(refused(pods, '5'), /^5: expected one container, got 2; choose one of \/kubepods/);
  });

  it('refuses a target that matches nothing, and suggests similar names', () => {
    assert.match(
      refused(pods, 'shop/crat-6d5f8c7b9d-x2x1z'),
      /got none; did you mean shop\/cart-6d5f8c7b9d-x2x1z\/proxy, /,
    );
    assert.match(refused(pods, 'data/postgres-0/postgras'), /did you mean data\/postgres-0\/postgres\?$/);
    assert.match(refused(pods, 'postgres-1', 'data'), /did you mean data\/postgres-0\/postgres\?$/);
    assert.match(refused(pods, 'fluent-bti-9tzrd'), /did you mean logging\/fluent-bit-9tzrd/);
    assert.match(refused(pods, 'deployment/crat'), /did you mean shop\/cart-6d5f8c7b9d-x2x1z\/cart\?$/);
    assert.match(refused(docker, 'ffff'), /got none; list them with `realmem top`$/);
  });

  it('finds a container by the name of its pod alone', () => {
    assert.equal(found(pods, 'postgres-0'), found(pods, 'data/postgres-0'));
    assert.match(refused(pods, 'postgres-0', 'shop'), /got none/);
  });

  it('finds a container by the name of its workload, with or without its kind', () => {
    for (const target of ['postgres', 'statefulset/postgres', 'sts/postgres', 'StatefulSets.apps/postgres'])
      assert.equal(found(pods, target), found(pods, 'data/postgres-0'), target);
    assert.equal(found(pods, 'data/postgres'), found(pods, 'data/postgres-0'));
    assert.equal(found(pods, 'pod/postgres-0', 'data'), found(pods, 'data/postgres-0'));
    assert.match(
      refused(pods, 'deployment/postgres'),
      /expected a container of a pod on this node, got none/,
    );
    assert.match(refused(pods, 'sts/postgres', 'shop'), /got none/);
  });

  it('finds the container of a workload that has the name of the workload', () =>
    assert.equal(found(pods, 'cart'), found(pods, 'shop/cart-6d5f8c7b9d-x2x1z/cart')));

  it('lists the containers of a workload with several', () =>
    assert.match(
      refused(pods, 'deployment/cart'),
      /got 2; choose one of shop\/cart-6d5f8c7b9d-x2x1z\/(cart|proxy), shop\/cart-6d5f8c7b9d-x2x1z\/(cart|proxy)$/,
    ));

  it('finds a container by its own name, and by the beginning of the name of its pod', () => {
    assert.equal(found(pods, 'proxy'), found(pods, 'shop/cart-6d5f8c7b9d-x2x1z/proxy'));
    assert.equal(found(pods, 'fluent-bit-9'), found(pods, 'logging/fluent-bit-9tzrd'));
  });

  it('finds container and pod in the namespace of -n', () =>
    assert.equal(
      found(pods, 'cart-6d5f8c7b9d-x2x1z/proxy', 'shop'),
      found(pods, 'shop/cart-6d5f8c7b9d-x2x1z/proxy'),
    ));

  it('finds a container by the name that docker has for it', () => {
    const [first = assert.fail(), ...rest] = docker.filter(({ role }) => role.kind === 'other');
    const named: Accounted = {
      ...first,
      role: { kind: 'other', type: 'container', name: '53a11f13c080' },
      runtimeName: { name: 'shop-web-1', runtime: 'docker' },
    };
    assert.equal(found([named, ...rest], 'shop-web-1'), first.sample.id.path);
    assert.match(refused([named, ...rest], 'shop-wbe-1'), /did you mean shop-web-1\?$/);
  });

  it('lists at most eight of many containers with the same name', () => {
    const [cart = assert.fail()] = pods.filter(({ container }) => container?.container?.name === 'cart');
    const many = Array.from({ length: 10 }, () => cart);
    assert.match(refused(many, 'cart'), /^cart: expected one container, got 10; .* and 2 more$/);
  });

  it('asks for --pods if no pod has a name', () => {
    const unnamed = pods.map(({ role, sample, usage }): Accounted => ({ role, sample, usage }));
    assert.match(refused(unnamed, 'data/postgres-0'), /expected pod names, got none; pass --pods FILE/);
  });

  for (const target of ['', 'a/', 'a//b', 'a/b/c/d'])
    it(`refuses ${JSON.stringify(target)}`, () => assert.match(refused(pods, target), /expected/));

  it('finds or refuses any text', () =>
    fc.assert(
      fc.property(fc.oneof(anyText({ maxLength: 20 }), fc.stringMatching(/^[a-f0-9/]{0,12}$/)), (target) => {
        try {
          findTarget(pods, { target });
        } catch (error) {
          assert.ok(error instanceof InputError, String(error));
          assert.doesNotMatch(error.message, /\p{Cc}/u);
        }
      }),
    ));
});
