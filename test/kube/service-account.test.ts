import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { it, type TestContext } from 'node:test';
import { openServiceAccount } from '../../src/kube/service-account.ts';
import { InputError } from '../../src/model/located-error.ts';
import { lay, tempDir } from '../temp.ts';

const env = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };

/** The files of a service account, as the kubelet lays them. */
function accountOf(test: TestContext, files: Readonly<Record<string, string>> = {}): string {
  const directory = tempDir(test);
  lay(directory, { token: 'first\n', 'ca.crt': 'one', namespace: 'monitoring', ...files });
  return directory;
}

it('takes server, token, CA and namespace of a pod from its environment and its service account', async (test) => {
  const access = openServiceAccount({ env, directory: accountOf(test) });
  assert.equal(access.server, 'https://10.96.0.1:443');
  assert.equal(access.namespace, 'monitoring');
  assert.deepEqual(await access.credentials(), {
    server: 'https://10.96.0.1:443',
    ca: 'one',
    authorization: 'Bearer first',
  });
});

it('rereads the CA of a pod on each call, and its token after a minute', async (test) => {
  const directory = accountOf(test);
  let ticks = 0;
  test.mock.method(process, 'hrtime', () => [0, ticks * 1e6]);
  const { credentials } = openServiceAccount({ env, directory });
  await credentials();
  lay(directory, { token: 'second\n', 'ca.crt': 'two' });
  ticks = 59_000;
  assert.deepEqual([(await credentials()).authorization, (await credentials()).ca], ['Bearer first', 'two']);
  ticks = 60_000;
  assert.equal((await credentials()).authorization, 'Bearer second');
});

it('follows the links that the kubelet swaps when it replaces a token', async (test) => {
  const directory = tempDir(test);
  let ticks = 0;
  test.mock.method(process, 'hrtime', () => [0, ticks * 1e6]);
  lay(directory, { 'one/token': 'first', 'one/ca.crt': 'a', 'two/token': 'second', 'two/ca.crt': 'b' });
  const [data, next] = [path.join(directory, '..data'), path.join(directory, '..next')];
  fs.symlinkSync('one', data);
  for (const file of ['token', 'ca.crt']) fs.symlinkSync(`..data/${file}`, path.join(directory, file));
  const { credentials } = openServiceAccount({ env, directory });
  await credentials();
  fs.symlinkSync('two', next);
  fs.renameSync(next, data);
  ticks = 61_000;
  const { authorization, ca } = await credentials();
  assert.deepEqual([authorization, ca], ['Bearer second', 'b']);
});

it('puts an IPv6 address of the API server into brackets', (test) => {
  const { server } = openServiceAccount({
    env: { ...env, KUBERNETES_SERVICE_HOST: 'fd00::1' },
    directory: accountOf(test),
  });
  assert.equal(server, 'https://[fd00::1]:443');
});

it('acts as the user that --as names', async (test) => {
  const impersonate = { user: 'jane', groups: [] };
  const { credentials } = openServiceAccount({ env, impersonate, directory: accountOf(test) });
  assert.deepEqual((await credentials()).impersonate, impersonate);
});

it('names the variables when a pod has a service account but no address of the API server', (test) =>
  assert.throws(
    () => openServiceAccount({ env: {}, directory: accountOf(test) }),
    (error) =>
      error instanceof InputError && /KUBERNETES_SERVICE_HOST .*expected the address/.test(error.message),
  ));
