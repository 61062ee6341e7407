/** The start of an agent from its settings, and its end: what it warns of, what it writes, and what it leaves. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { run, start } from '../cli/run.ts';
import { apiServer } from './api-server.ts';

const root = new URL('../../fixtures/hosts/kubernetes-v1/root', import.meta.url).pathname;
const quiet = ['--root', root, '--output', 'off', '--report-dir', 'off', '--history-dir', 'off'];
const nothingServed = ['--probe-address', 'off', '--report-address', 'off'];

describe('an agent', () => {
  it('warns that there is no cluster to write to, and goes on', async () => {
    const args = ['agent', '--once', '--root', root, '--resource', 'true', '--report-dir', 'off'];
    const { code, stdout, stderr } = await run(args);
    assert.match(
      stderr,
      /there is no cluster to write to: pass --kubeconfig or run as a pod, without --pods/,
    );
    assert.equal(code, 0);
    assert.match(stdout, /postgres-0/);
  });

  it('does not warn of a cluster that no setting needs', async () => {
    const { stderr } = await run(['agent', '--once', '--root', root, '--report-dir', 'off']);
    assert.doesNotMatch(stderr, /cluster/);
  });

  it('names all wrong settings together with a file that it cannot read, and samples nothing', async () => {
    const { code, stdout, stderr } = await run([
      ...['agent', '--once', '--config', '/nonexistent/realmem.yaml', '--period', '0s'],
    ]);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /\/nonexistent\/realmem\.yaml/);
    assert.match(stderr, /period/);
  });

  it('follows the pods of its node in the cluster, tests the policy only if it may write, and ends on a signal', async (test) => {
    const policyTest = 'PATCH /api/v1/namespaces/realmem/pods/realmem-x/status';
    for (const annotations of ['true', 'false']) {
      const { kubeconfig, calls } = await apiServer(test);
      const agent = start([
        ...['agent', ...quiet, ...nothingServed, '--period', '100ms', '--node', 'node-1'],
        ...['--kubeconfig', kubeconfig, '--annotations', annotations, '--log-level', 'info'],
      ]);
      test.after(() => agent.kill('SIGKILL'));
      if (annotations === 'true') await agent.says(/The policy refused a forbidden test write/);
      else await agent.says(/"msg":"[^"]*history/i);
      agent.kill('SIGTERM');
      const { code, stderr } = await agent.ended;
      assert.equal(code, 0, stderr);
      assert.match(stderr, /"because":"SIGTERM"/);
      assert.ok(calls.includes('GET /api/v1/pods'));
      assert.equal(calls.includes(policyTest), annotations === 'true');
    }
  });
});
