/** `realmem doctor` as a command: which of both it checks, its formats and its exit codes. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { it, type TestContext } from 'node:test';
import type { Check } from '../../src/doctor/check.ts';
import { run } from '../cli/run.ts';
import { tempDir } from '../temp.ts';
import { type Answers, paths, serve } from './cluster-api.ts';
import { rootOf, the } from './worlds.ts';

const checksIn = (stdout: string): readonly Check[] =>
  (JSON.parse(stdout) as { readonly checks: readonly Check[] }).checks;

async function kubeconfigOf(test: TestContext, answers: Answers = {}): Promise<string> {
  const server = await serve(test, answers);
  const file = path.join(tempDir(test), 'config');
  fs.writeFileSync(
    file,
    JSON.stringify({
      'current-context': 'prod',
      clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user: { token: 't' } }],
      contexts: [{ name: 'prod', context: { cluster: 'c', user: 'u' } }],
    }),
  );
  return file;
}

it('doctor --root checks a recording, and exits with 0 for warnings', async () => {
  const { code, stdout, stderr } = await run(['doctor', '--root', rootOf('coroot-v2')]);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^warn {2}services {2}/m);
});

it('doctor --kubeconfig checks the cluster, names its context, and exits with 0', async (test) => {
  // The made reports are old by the clock of this machine, and new by the clock of their API server.
  const { code, stdout } = await run(['doctor', '--kubeconfig', await kubeconfigOf(test), '-o', 'json']);
  assert.equal(code, 0, stdout);
  assert.match(the('kubeconfig', checksIn(stdout)).message, /^context prod, server http:\/\/127\.0\.0\.1:/);
  assert.equal(the('reports', checksIn(stdout)).status, 'ok');
});

it('doctor exits with 1 if a check of the cluster fails', async (test) => {
  const kubeconfig = await kubeconfigOf(test, { [paths.definition]: 404 });
  const { code, stdout } = await run(['doctor', '--kubeconfig', kubeconfig]);
  assert.equal(code, 1);
  assert.match(stdout, /^fail {2}CRD /m);
  assert.match(stdout, /, 1 failure$/m);
});

it('doctor --context without a kubeconfig is a failed check', async () => {
  const { code, stdout } = await run(['doctor', '--context', 'prod', '-o', 'json']);
  assert.equal(code, 1);
  assert.match(the('kubeconfig', checksIn(stdout)).message, /no kubeconfig found/);
});

it('doctor of an API server that does not answer is a failed check in the words of kubectl', async (test) => {
  const kubeconfig = await kubeconfigOf(test);
  const text = fs.readFileSync(kubeconfig, 'utf8');
  // Port 1 of loopback: nobody listens there.
  fs.writeFileSync(kubeconfig, text.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1'));
  const { code, stdout } = await run(['doctor', '--kubeconfig', kubeconfig, '-o', 'json']);
  assert.equal(code, 1);
  assert.match(
    the('API server', checksIn(stdout)).message,
    /^The connection to the server 127\.0\.0\.1:1 was refused/,
  );
});

it('doctor of this machine names a setting of the environment that an agent would refuse', async () => {
  const { code, stdout } = await run(['doctor', '-o', 'json'], { REALMEM_PERIOD: 'soon' });
  assert.equal(code, 1);
  assert.match(the('settings', checksIn(stdout)).message, /^REALMEM_PERIOD: expected a duration/);
});

it('doctor refuses a recording and a cluster together', async () => {
  const { code, stderr } = await run(['doctor', '--root', rootOf('docker-v1'), '--context', 'prod']);
  assert.equal(code, 2);
  assert.match(stderr, /pass one of them/);
});
