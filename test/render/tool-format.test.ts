import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytes } from '../../src/model/bytes.ts';
import { shownBy } from '../../src/render/tool-format.ts';
import type { Writing } from '../../src/render/tool-reading.ts';

const shown = (writing: Writing, value: number | undefined, whole?: number): string | undefined =>
  shownBy({
    ...{ tool: 'a', version: '1', why: 'so', writing },
    ...(value !== undefined && { value }),
    ...(whole !== undefined && { whole: bytes(whole) }),
  });

const Mi = 1024 ** 2;

const cases: readonly (readonly [Writing, number, string])[] = [
  // docker/go-units, BytesSize and HumanSize: %.4g.
  ['binary', 0, '0B'],
  ['binary', 1023, '1023B'],
  ['binary', 1024, '1KiB'],
  ['binary', 1_048_575, '1024KiB'],
  ['binary', 135_021_858_816, '125.7GiB'],
  ['binary', 126_656_659_456, '118GiB'],
  ['binary', 1088, '1.062KiB'],
  ['binary', 3 * Mi + Mi / 2, '3.5MiB'],
  ['decimal', 999, '999B'],
  ['decimal', 1000, '1kB'],
  ['decimal', 126_656_659_456, '126.7GB'],
  ['decimal', 1_006_419_968, '1.006GB'],
  ['kubectl', 2 * Mi - 1, '1Mi'],
  ['kubectl', 126_656_659_456, '120789Mi'],
  // k8s.io/apimachinery, Quantity in BinarySI: the largest unit without a remainder.
  ['quantity', 0, '0'],
  ['quantity', 1000, '1000'],
  ['quantity', 1025, '1025'],
  ['quantity', 2048, '2Ki'],
  ['quantity', 128 * Mi, '128Mi'],
  ['quantity', 126_656_659_456, '123688144Ki'],
  // prometheus/common, expfmt: %g in the fewest digits.
  ['prometheus', 0, '0'],
  ['prometheus', 999_999, '999999'],
  ['prometheus', 1_000_000, '1e+06'],
  ['prometheus', 1_048_576, '1.048576e+06'],
  ['prometheus', 126_656_659_456, '1.26656659456e+11'],
  ['KiB', 2047, '1'],
  ['K', 73_700 * 1024, '73700K'],
  ['MiB', 126_656_659_456, '120789.20 MiB'],
  ['bytes', 7, '7'],
  ['count', 7, '7'],
];

describe('a size in the format of a tool', () => {
  for (const [writing, value, text] of cases)
    it(`is ${text} for ${value} (${writing})`, () => assert.equal(shown(writing, value), text));

  it('has a share if the tool shows one', () =>
    assert.equal(shown('binary', 126_656_659_456, 137_438_953_472), '118GiB / 128GiB  92.15%'));

  it('is undefined if the value is unknown', () => {
    assert.equal(shown('binary', undefined, 5), undefined);
    assert.equal(shown('binary', 5, 0), '5B');
  });
});
