/** Tests `kubectl realmem doctor` against a real API server, before, during and after an installation. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { Check } from '../../src/doctor/check.ts';
import { runProcess } from '../cli/process.ts';
import { openBed } from './bed/bed.ts';
import { namespace, releaseOn } from './release/release.ts';

const bed = await openBed();
const release = releaseOn(bed);

interface Examined {
  readonly code: number | null;
  readonly checks: readonly Check[];
}

async function doctor(...flags: readonly string[]): Promise<Examined> {
  const { code, stdout, stderr } = await runProcess([
    ...['doctor', '--kubeconfig', bed.kubeconfig, '-o', 'json'],
    ...flags,
  ]);
  assert.equal(stderr, '');
  return { code, checks: (JSON.parse(stdout) as { readonly checks: readonly Check[] }).checks };
}

const statusOf = (name: string, { checks }: Examined): readonly string[] =>
  checks.filter((check) => check.name === name).map(({ status }) => status);

after(async () => {
  await release.uninstall();
});

describe('kubectl realmem doctor', { timeout: 600_000 }, () => {
  it('fails without an installation, and says how to install', async () => {
    const examined = await doctor();
    assert.equal(examined.code, 1);
    assert.deepEqual(statusOf('API server', examined), ['ok']);
    const agents = examined.checks.find(({ name }) => name === 'agents');
    assert.deepEqual([agents?.status, agents?.todo?.startsWith('helm install realmem')], ['fail', true]);
  });

  it('finds no fault of an installation once all agents have reported', async () => {
    await release.install({ 'config.historyPeriod': '3s' });
    const examined = await bed.waitFor('an installation without faults', async () => {
      const found = await doctor();
      return found.checks.every(({ status }) => status === 'ok') ? found : undefined;
    });
    assert.equal(examined.code, 0);
    for (const name of ['rights', 'CRD', 'agents', 'policies', 'reports', 'conditions', 'histories'])
      assert.deepEqual(statusOf(name, examined), ['ok'], name);
  });

  it('only warns a user without rights, and names the rights', async () => {
    const examined = await doctor('--as', 'nobody');
    assert.equal(examined.code, 0);
    for (const name of ['CRD', 'agents', 'policies', 'reports'])
      assert.deepEqual(statusOf(name, examined), ['warn'], name);
    const rights = examined.checks.filter(({ name }) => name === 'rights').map(({ message }) => message);
    assert.ok(
      rights.some((message) => message.startsWith(`you may not create pods/portforward in ${namespace}`)),
    );
  });

  it('fails when the binding of a policy is deleted', async () => {
    await bed.kubectl('delete', 'validatingadmissionpolicybinding', 'realmem-pods');
    const examined = await doctor();
    assert.deepEqual([examined.code, statusOf('policies', examined)], [1, ['fail']]);
  });
});
