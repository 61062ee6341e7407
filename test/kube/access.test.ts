/** Token and CA files that change while the agent runs. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { KubeConfig } from '@kubernetes/client-node';
import { accessOf, openAccess } from '../../src/kube/access.ts';
import { UsageError } from '../../src/model/located-error.ts';
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
  const { credentials: access } = await openAccess({ file: path.join(directory, 'config'), env: {} });
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
  const { credentials: access } = await openAccess({ file: path.join(directory, 'config'), env: {} });
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
  await assert.rejects(
    openAccess({ file: path.join(directory, 'none'), env: {} }),
    /no current context in .*none; run kubectl config use-context/,
  );
  await assert.rejects(
    openAccess({ file: path.join(directory, 'broken'), env: {} }),
    /expected a kubeconfig/,
  );
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
      (await (await openAccess({ env: { KUBECONFIG }, context })).credentials()).authorization;
    assert.deepEqual([await tokenIn('x'), await tokenIn('y')], ['Bearer one', 'Bearer two']);
  });

  it('reads ~/.kube/config of the home that it is given', async (test) => {
    const HOME = tempDir(test);
    lay(HOME, { '.kube/config': kubeconfig({ token: 'mine' }) });
    const { credentials } = await openAccess({ env: { KUBECONFIG: '', HOME } });
    assert.equal((await credentials()).authorization, 'Bearer mine');
  });

  it('names the places where it found none, and the flag', async () => {
    await assert.rejects(
      openAccess({ env: { HOME: '/nonexistent' } }),
      /no kubeconfig found \(looked in \$KUBECONFIG and ~\/\.kube\/config\); pass --kubeconfig FILE/,
    );
  });
});

describe('the files of KUBECONFIG and of the home', () => {
  const tokenWith = async (env: Readonly<Record<string, string>>): Promise<string | undefined> =>
    (await (await openAccess({ env })).credentials()).authorization;

  it('let KUBECONFIG win over ~/.kube/config, and skip its empty entries', async (test) => {
    const HOME = tempDir(test);
    lay(HOME, { '.kube/config': kubeconfig({ token: 'home' }), named: kubeconfig({ token: 'named' }) });
    const KUBECONFIG = ['', path.join(HOME, 'named'), ''].join(path.delimiter);
    assert.equal(await tokenWith({ KUBECONFIG, HOME }), 'Bearer named');
  });

  it('keep the entry of the first file where two have the same name', async (test) => {
    const directory = tempDir(test);
    lay(directory, { a: kubeconfig({ token: 'one' }), b: kubeconfig({ token: 'two' }) });
    const KUBECONFIG = ['a', 'b'].map((name) => path.join(directory, name)).join(path.delimiter);
    assert.equal(await tokenWith({ KUBECONFIG }), 'Bearer one');
  });

  it('take the current context of the first file that sets one, as kubectl does', async (test) => {
    const directory = tempDir(test);
    const other = kubeconfig({ token: 'two' }).replaceAll(/"(c|u|x)"/g, '"$1$1"');
    const none = other.replace('"current-context":"xx"', '"current-context":""');
    lay(directory, { a: kubeconfig({ token: 'one' }), b: other, none });
    const tokenOf = (...names: readonly string[]) =>
      tokenWith({ KUBECONFIG: names.map((name) => path.join(directory, name)).join(path.delimiter) });
    assert.equal(await tokenOf('a', 'b'), 'Bearer one');
    assert.equal(await tokenOf('b', 'a'), 'Bearer two');
    assert.equal(await tokenOf('none', 'a'), 'Bearer one');
  });

  it('skip a missing file of KUBECONFIG beside one that exists, as kubectl does', async (test) => {
    const directory = tempDir(test);
    lay(directory, { a: kubeconfig({ token: 'one' }) });
    const KUBECONFIG = ['missing', 'a'].map((name) => path.join(directory, name)).join(path.delimiter);
    assert.equal(await tokenWith({ KUBECONFIG }), 'Bearer one');
  });

  it('leave out the home when the only file of KUBECONFIG is missing, and the error names that file', async (test) => {
    const HOME = tempDir(test);
    lay(HOME, { '.kube/config': kubeconfig({ token: 'home' }) });
    await assert.rejects(
      openAccess({ env: { KUBECONFIG: path.join(HOME, 'missing'), HOME } }),
      (error) => error instanceof UsageError && /no kubeconfig found: .*missing/.test(error.message),
    );
  });

  it('are searched in HOME, then in HOMEDRIVE with HOMEPATH, then in USERPROFILE', async (test) => {
    const directory = tempDir(test);
    const homes = ['home', 'drive/user', 'profile'];
    lay(
      directory,
      Object.fromEntries(homes.map((home) => [`${home}/.kube/config`, kubeconfig({ token: home })])),
    );
    const env = {
      HOME: path.join(directory, 'home'),
      HOMEDRIVE: path.join(directory, 'drive'),
      HOMEPATH: 'user',
      USERPROFILE: path.join(directory, 'profile'),
    };
    assert.equal(await tokenWith(env), 'Bearer home');
    fs.rmSync(env.HOME, { recursive: true });
    assert.equal(await tokenWith(env), 'Bearer drive/user');
    // Without its path, a drive is no home.
    const { HOMEPATH: _, ...driveOnly } = env;
    assert.equal(await tokenWith(driveOnly), 'Bearer profile');
  });
});

describe('a context', () => {
  it('is used instead of the current one, and refused with the known ones when unknown', async (test) => {
    const directory = tempDir(test);
    const file = path.join(directory, 'config');
    const config = JSON.parse(kubeconfig({ token: 't' })) as Record<string, unknown[]>;
    config['clusters']?.push({ name: 'd', cluster: { server: 'https://127.0.0.2' } });
    config['contexts']?.push({ name: 'y', context: { cluster: 'd', user: 'u' } });
    lay(directory, { config: JSON.stringify(config) });
    assert.equal((await openAccess({ file, env: {} })).server, 'https://127.0.0.1:6443');
    assert.equal((await openAccess({ file, env: {}, context: 'y' })).server, 'https://127.0.0.2');
    await assert.rejects(
      openAccess({ file, env: {}, context: 'z' }),
      /context "z" does not exist in .*config; contexts: x, y/,
    );
  });

  it('is refused when its cluster is missing', async (test) => {
    const directory = tempDir(test);
    lay(directory, { config: kubeconfig({}).replace('"cluster":"c"', '"cluster":"gone"') });
    await assert.rejects(
      openAccess({ file: path.join(directory, 'config'), env: {} }),
      /context "x" names the cluster "gone", which is not in .*config/,
    );
  });
});

describe('the access of a kubeconfig', () => {
  it('has server name, client certificate and an unverified server only where the file says so', async (test) => {
    const directory = tempDir(test);
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    lay(directory, {
      plain: kubeconfig({}),
      full: kubeconfig(
        { 'client-certificate-data': base64('cert'), 'client-key-data': base64('key') },
        { 'tls-server-name': 'api', 'insecure-skip-tls-verify': true },
      ),
    });
    const read = async (name: string) =>
      (await openAccess({ file: path.join(directory, name), env: {} })).credentials();
    const plain = await read('plain');
    assert.equal(plain.server, 'https://127.0.0.1:6443');
    for (const key of ['authorization', 'cert', 'key', 'servername']) assert.equal(key in plain, false, key);
    assert.notEqual(plain.rejectUnauthorized, false);
    const full = await read('full');
    assert.deepEqual(
      [String(full.cert), String(full.key), full.servername, full.rejectUnauthorized],
      ['cert', 'key', 'api', false],
    );
  });

  it('prefers a token file, relative to the kubeconfig, to the token beside it', async (test) => {
    const directory = tempDir(test);
    lay(directory, { 'sub/config': kubeconfig({ token: 'old', tokenFile: '../t' }), t: ' new \n\n' });
    const { credentials: access } = await openAccess({ file: path.join(directory, 'sub/config'), env: {} });
    assert.match((await access()).authorization ?? '', /^Bearer +new$/);
  });
});

it('accepts a server over plain HTTP and a context without a user, as kubectl proxy needs', async (test) => {
  const directory = tempDir(test);
  const config = kubeconfig({}, { server: 'http://127.0.0.1:8001' }).replace('"user":"u"', '"user":""');
  lay(directory, { config });
  const { credentials } = await openAccess({ file: path.join(directory, 'config'), env: {} });
  assert.equal((await credentials()).server, 'http://127.0.0.1:8001');
});

it('sends the CA of a cluster for a context without a user', async (test) => {
  const directory = tempDir(test);
  const config = kubeconfig({}, { 'certificate-authority-data': Buffer.from('ca').toString('base64') });
  lay(directory, { config: config.replace('"user":"u"', '"user":"gone"') });
  const { credentials } = await openAccess({ file: path.join(directory, 'config'), env: {} });
  assert.equal(String((await credentials()).ca), 'ca');
});

it('impersonates the user of the kubeconfig, unless the caller names another', async (test) => {
  const directory = tempDir(test);
  lay(directory, { config: kubeconfig({ token: 't', as: 'jane' }) });
  const file = path.join(directory, 'config');
  const own = await openAccess({ file, env: {} });
  assert.deepEqual((await own.credentials()).impersonate, { user: 'jane', groups: [] });
  const impersonate = { user: 'joe', groups: ['ops'] };
  const given = await openAccess({ file, env: {}, impersonate });
  assert.deepEqual((await given.credentials()).impersonate, impersonate);
});

it('returns the namespace of the context', async (test) => {
  const directory = tempDir(test);
  lay(directory, {
    none: kubeconfig({}),
    shop: kubeconfig({}).replace('"user":"u"}', '"user":"u","namespace":"shop"}'),
  });
  const namespaceIn = async (name: string) =>
    (await openAccess({ file: path.join(directory, name), env: {} })).namespace;
  assert.deepEqual([await namespaceIn('none'), await namespaceIn('shop')], [undefined, 'shop']);
});
