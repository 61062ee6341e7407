import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NodeReport } from '../../src/model/report.ts';
import { withDeadline } from '../../src/publish/guarded-sink.ts';

const empty: NodeReport = {
  apiVersion: 'realmem.dev/v1alpha1',
  kind: 'NodeMemoryReport',
  metadata: { name: 'n' },
  observed: { agent: '0' },
  pods: [],
  containers: [],
  others: [],
  skipped: [],
  conditions: [],
};

describe('withDeadline', () => {
  it('gives up on a slow write, and starts no second one meanwhile', async () => {
    const stuck = Promise.withResolvers<void>();
    let writes = 0;
    const sink = withDeadline({
      name: 'stuck',
      write: () => {
        writes++;
        return stuck.promise;
      },
      async close() {},
    });
    await assert.rejects(sink.write(empty), /not written within 2 s/);
    await assert.rejects(sink.write(empty), /still being written/);
    stuck.resolve();
    await stuck.promise;
    await sink.write(empty);
    assert.equal(writes, 2);
  });
});
