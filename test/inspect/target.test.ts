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

describe('a target', () => {
  it('with a leading / is the path of a cgroup', () => {
    assert.equal(found(pods, cart), cart);
    assert.equal(found(pods, `${cart}/`), cart);
    assert.equal(found(pods, '/kubepods/nothing'), undefined);
  });

  it('with a / inside is a container of a pod', () =>
    assert.match(
      found(pods, 'shop/cart-6d5f8c7b9d-x2x1z/proxy') ?? '',
      /^\/kubepods\/burstable\/pod8a05cdc7/,
    ));

  it('with a / inside is the one container of a pod', () =>
    assert.equal(found(pods, 'data/postgres-0'), found(pods, 'data/postgres-0/postgres')));

  it('is a pod of a namespace that is given', () =>
    assert.equal(found(pods, 'postgres-0', 'data'), found(pods, 'data/postgres-0/postgres')));

  it('is a container ID, or the beginning of the only one', () => {
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

  it('is the name of a service', () =>
    assert.equal(found(seen('nri-docker-v2'), 'containerd'), '/system.slice/containerd.service'));

  it('is none of several: they are listed', () => {
    assert.match(
      refused(pods, 'shop/cart-6d5f8c7b9d-x2x1z'),
      /expected one container, got 2; name one of them: .*cart-6d5f8c7b9d-x2x1z\/(cart|proxy), .*\/(cart|proxy)$/,
    );
    assert.match(refused(pods, '5'), /^5: expected one container, got 2; name one of them: \/kubepods/);
  });

  it('is none: those near to it are listed', () => {
    assert.match(
      refused(pods, 'shop/crat-6d5f8c7b9d-x2x1z'),
      /got none; near to it: shop\/cart-6d5f8c7b9d-x2x1z\/proxy, /,
    );
    assert.match(refused(pods, 'data/postgres-0/postgras'), /near to it: data\/postgres-0\/postgres$/);
    assert.match(refused(pods, 'postgres-1', 'data'), /near to it: data\/postgres-0\/postgres$/);
    assert.match(refused(pods, 'fluent-bit-9tzrd'), /near to it: logging\/fluent-bit-9tzrd/);
    assert.match(refused(docker, 'ffff'), /got none; realmem top lists them$/);
  });

  it('is no pod where no pod has a name', () => {
    const unnamed = pods.map(({ role, sample, usage }): Accounted => ({ role, sample, usage }));
    assert.match(refused(unnamed, 'data/postgres-0'), /no names of pods here; --pods FILE gives them/);
  });

  for (const target of ['', 'a/', 'a//b', 'a/b/c/d'])
    it(`is not ${JSON.stringify(target)}`, () => assert.match(refused(pods, target), /expected/));

  it('is found or refused, whatever it is', () =>
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
