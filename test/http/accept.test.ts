import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { asksForGzip, preferredOffer } from '../../src/http/accept.ts';

const offers = [
  ['text', { type: 'text/plain', version: '0.0.4' }],
  ['openMetrics', { type: 'application/openmetrics-text', version: '1.0.0' }],
] as const;
const preferred = (accept: string | undefined): string => preferredOffer(accept, offers, 'text');

/** The headers that these programs send. */
const prometheus2 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
const prometheus3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';
const protobufFirst =
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,text/plain;version=0.0.4;q=0.3';

describe('the preferred offer', () => {
  for (const [accept, expected] of [
    [undefined, 'text'],
    ['', 'text'],
    ['*/*', 'text'],
    [prometheus2, 'openMetrics'],
    [prometheus3, 'openMetrics'],
    [protobufFirst, 'text'],
    ['application/openmetrics-text', 'openMetrics'],
    ['APPLICATION/OpenMetrics-Text ; Version="1.0.0"', 'openMetrics'],
    ['application/*', 'openMetrics'],
    ['application/openmetrics-text;version=2.0.0', 'text'],
    ['application/openmetrics-text;q=0, */*', 'text'],
    ['application/openmetrics-text;q=0.5,text/plain;q=0.5', 'text'],
    ['text/plain;q=0.2, application/openmetrics-text;q=0.3', 'openMetrics'],
    ['text/plain;q=0, */*;q=0.5', 'openMetrics'],
    ['image/png', 'text'],
    ['application/openmetrics-text;q=2', 'text'],
  ] as const)
    it(`of Accept ${accept ?? 'absent'} is ${expected}`, () => assert.equal(preferred(accept), expected));
});

describe('gzip', () => {
  for (const [header, expected] of [
    [undefined, false],
    ['', false],
    ['gzip', true],
    ['deflate, GZIP;q=1.0, *;q=0.5', true],
    ['x-gzip', true],
    ['*', true],
    ['br', false],
    ['gzip;q=0', false],
    ['gzip;q=0, *', false],
    ['gzip;q=0.5, identity', false],
    ['gzip;q=nonsense', false],
  ] as const)
    it(`${expected ? 'is' : 'is not'} asked for by Accept-Encoding ${header ?? 'absent'}`, () =>
      assert.equal(asksForGzip(header), expected));

  it('and formats are decided for any header, without an error', () =>
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...' ,;=*/q01.gzip"')), (chars) => {
        const header = chars.join('');
        assert.equal(typeof asksForGzip(header), 'boolean');
        assert.ok(['text', 'openMetrics'].includes(preferred(header)));
      }),
    ));
});
