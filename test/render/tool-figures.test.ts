import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytes, inWholeMi } from '../../src/model/bytes.ts';
import { dockerShare } from '../../src/render/tool-figures.ts';

const Mi = 1024 ** 2;

describe('kubectl top', () => {
  for (const [workingSet, text] of [
    [0, '0Mi'],
    [Mi - 1, '0Mi'],
    [Mi, '1Mi'],
    [2 * Mi - 1, '1Mi'],
    [126_656_659_456, '120789Mi'],
  ] as const)
    it(`shows ${workingSet} bytes as ${text}: whole Mi, rounded down`, () =>
      assert.equal(inWholeMi(bytes(workingSet)), text));

  it('shows nothing for a container without a working set', () =>
    assert.equal(inWholeMi(undefined), undefined));
});

describe('docker stats', () => {
  const share = (workingSet?: number, limit?: number, host?: number): string | undefined =>
    dockerShare(
      {
        ...(workingSet !== undefined && { workingSetBytes: bytes(workingSet) }),
        ...(limit !== undefined && { limitBytes: bytes(limit) }),
      },
      host === undefined ? undefined : bytes(host),
    );

  it('shows the working set as a share of the limit', () => {
    assert.equal(share(126_656_659_456, 137_438_953_472), '92.15%');
    assert.equal(share(50, 200, 1000), '25.00%');
  });

  it("shows the working set as a share of the host's memory if there is no limit", () =>
    assert.equal(share(50, undefined, 1000), '5.00%'));

  it("shows the working set as a share of the host's memory if the limit is above it", () => {
    assert.equal(share(50, 5000, 1000), '5.00%');
    assert.equal(share(50, 1000, 1000), '5.00%');
  });

  it('shows usage if the working set is 0, because inactive_file is as large as usage or larger', () =>
    assert.equal(
      dockerShare({ usageBytes: bytes(50), workingSetBytes: bytes(0), limitBytes: bytes(200) }, bytes(1000)),
      '25.00%',
    ));

  it("shows nothing without a working set, and nothing without a limit and the host's memory", () => {
    assert.equal(share(undefined, 200, 1000), undefined);
    assert.equal(share(50), undefined);
    assert.equal(share(50, 0), undefined);
    assert.equal(share(50, undefined, 0), undefined);
  });
});
