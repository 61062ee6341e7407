import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderYaml } from '../../src/layout/structured.ts';
import { fieldsOf, listOf } from '../../src/model/json.ts';
import { jobName, manifestOf } from '../../src/probe-job/manifest.ts';
import { matchesGolden } from '../golden.ts';
import { id, site, target } from './made.ts';

const options = { durationMs: 120_000, flags: ['--duration', '2m'], run: 'one' };
const specOf = (manifest: object) => fieldsOf(fieldsOf(manifest)['spec']);
const podOf = (manifest: object) => fieldsOf(fieldsOf(specOf(manifest)['template'])['spec']);

describe('the Job of a probe', () => {
  it('is one pod on the node, without token and capabilities, that can write to one cgroup', () =>
    matchesGolden(
      new URL('goldens/job.yaml', import.meta.url),
      renderYaml(manifestOf(target, site, options)).replaceAll(/version: \S+/g, 'version: VERSION'),
    ));

  it('has a writable mount of the container only', () => {
    const [container = {}] = listOf(podOf(manifestOf(target, site, options))['containers']);
    const writable = listOf(container['volumeMounts']).filter(({ readOnly }) => readOnly !== true);
    assert.deepEqual(writable, [{ name: 'container', mountPath: `/host${site.directory}` }]);
  });

  it('has no mount of another hierarchy on cgroup v1, which would be writable', () => {
    const directory = `/sys/fs/cgroup/memory/kubepods/pod1/${id}`;
    const { containers, volumes } = podOf(manifestOf(target, { ...site, directory }, options));
    const [container = {}] = listOf(containers);
    assert.deepEqual(
      listOf(volumes).map(({ hostPath }) => fieldsOf(hostPath)['path']),
      ['/sys/fs/cgroup/memory', directory],
    );
    assert.equal(listOf(container['volumeMounts'])[0]?.['mountPath'], '/host/sys/fs/cgroup/memory');
  });

  it('ends by itself some minutes after its duration', () => {
    const hour = specOf(manifestOf(target, site, { ...options, durationMs: 3_600_000 }));
    assert.equal(hour['activeDeadlineSeconds'], 3_600 + 180);
    assert.equal(hour['ttlSecondsAfterFinished'], 60);
  });

  it('has no secrets and no pull policy that the agent does not have', () => {
    const { pullPolicy: _, ...bare } = site;
    const pod = podOf(manifestOf(target, { ...bare, pullSecrets: [] }, options));
    assert.equal('imagePullSecrets' in pod, false);
    assert.equal('imagePullPolicy' in (listOf(pod['containers'])[0] ?? {}), false);
  });

  it('has the same name for the same container, so that two probes cannot run at once', () => {
    assert.equal(jobName(target), 'realmem-probe-0123456789ab');
    assert.equal(jobName({ ...target, pod: 'other' }), jobName(target));
    assert.notEqual(jobName({ ...target, id: id.replace('0', 'f') }), jobName(target));
  });
});
