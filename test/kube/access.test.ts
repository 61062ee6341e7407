/** Token and CA files that change while the agent runs. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { KubeConfig } from '@kubernetes/client-node';
import { accessOf, openAccess } from '../../src/kube/access.ts';
import { lay, tempDir } from '../temp.ts';

const kubeconfig = (user: object, cluster: object = {}): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:6443', ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });

/** A mocked clock: the library computes the age of a token from it. */
function clock(test: TestContext): { pass(ms: number): void } {
  test.mock.timers.enable({ apis: ['Date'], now: 0 });
  let now = 0;
  return {
    pass(ms) {
      now += ms;
      test.mock.timers.setTime(now);
    },
  };
}

it('rereads the token file of a kubeconfig after a minute', async (test) => {
  const directory = tempDir(test);
  const time = clock(test);
  lay(directory, { config: kubeconfig({ tokenFile: 'token', token: 'older' }), token: 'first\n' });
  const access = await openAccess(path.join(directory, 'config'), {});
  assert.equal((await access()).authorization, 'Bearer first');
  lay(directory, { token: 'second\n' });
  time.pass(61_000);
  assert.equal((await access()).authorization, 'Bearer second');
});

it('rereads the CA file of a kubeconfig on each call', async (test) => {
  const directory = tempDir(test);
  lay(directory, {
    config: kubeconfig({ token: 't' }, { 'certificate-authority': 'ca.crt' }),
    'ca.crt': 'one',
  });
  const access = await openAccess(path.join(directory, 'config'), {});
  assert.equal(String((await access()).ca), 'one');
  lay(directory, { 'ca.crt': 'two' });
  assert.equal(String((await access()).ca), 'two');
});

it('rereads token and CA in a pod after the kubelet swapped the directory that they link to', async (test) => {
  const directory = tempDir(test);
  const time = clock(test);
  const account = path.join(directory, 'var/run/secrets/kubernetes.io/serviceaccount');
  lay(account, {
    '..1/token': 'first',
    '..1/ca.crt': 'one',
    '..2/token': 'second',
    '..2/ca.crt': 'two',
  });
  const swap = (to: string): void => {
    fs.symlinkSync(to, path.join(account, '..data_tmp'));
    fs.renameSync(path.join(account, '..data_tmp'), path.join(account, '..data'));
  };
  swap('..1');
  for (const file of ['token', 'ca.crt']) fs.symlinkSync(`..data/${file}`, path.join(account, file));
  const config = new KubeConfig();
  config.loadFromCluster(directory);
  const access = accessOf(config);
  const read = async () => {
    const { authorization, ca } = await access();
    return [authorization, String(ca)];
  };
  assert.deepEqual(await read(), ['Bearer first', 'one']);
  swap('..2');
  assert.deepEqual(await read(), ['Bearer first', 'two']);
  time.pass(61_000);
  assert.deepEqual(await read(), ['Bearer second', 'two']);
});

it('rejects a kubeconfig without a current context and one with invalid YAML', async (test) => {
  const directory = tempDir(test);
  lay(directory, { none: '{}', broken: '{' });
  await assert.rejects(openAccess(path.join(directory, 'none'), {}), /expected a current context, got none/);
  await assert.rejects(openAccess(path.join(directory, 'broken'), {}), /expected a kubeconfig/);
});

describe('without a file', () => {
  it('reads those of KUBECONFIG, one over the other', async (test) => {
    const directory = tempDir(test);
    lay(directory, {
      a: kubeconfig({ token: 'one' }),
      b: JSON.stringify({
        clusters: [{ name: 'd', cluster: { server: 'https://127.0.0.2' } }],
        users: [{ name: 'v', user: { token: 'two' } }],
        contexts: [{ name: 'y', context: { cluster: 'd', user: 'v' } }],
        'current-context': 'y',
      }),
    });
    const KUBECONFIG = ['a', 'b'].map((name) => path.join(directory, name)).join(path.delimiter);
    const tokenIn = async (context: string) =>
      (await (await openAccess(undefined, { KUBECONFIG }, context))()).authorization;
    assert.deepEqual([await tokenIn('x'), await tokenIn('y')], ['Bearer one', 'Bearer two']);
  });

  it('reads ~/.kube/config of the home that it is given', async (test) => {
    const HOME = tempDir(test);
    lay(HOME, { '.kube/config': kubeconfig({ token: 'mine' }) });
    const access = await openAccess(undefined, { KUBECONFIG: '', HOME });
    assert.equal((await access()).authorization, 'Bearer mine');
  });

  it('names the places where it found none, and the flag', async () => {
    await assert.rejects(
      openAccess(undefined, { HOME: '/nonexistent' }),
      /expected a file in KUBECONFIG, or ~\/\.kube\/config, got none; give --kubeconfig FILE/,
    );
  });
});
