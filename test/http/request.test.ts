import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isLoopback, namesLoopback, parseHead } from '../../src/http/request.ts';
import { anyCharacter } from '../any-character.ts';

const head = (...lines: string[]): string => lines.join('\r\n');

describe('parseHead', () => {
  it('parses the requests of a kubelet, Prometheus, curl and an HTTP/1.0 client', () => {
    // Captured from these clients.
    for (const [lines, path] of [
      [
        [
          'GET /healthz HTTP/1.1',
          'Host: 10.244.1.7:9643',
          'User-Agent: kube-probe/1.34',
          'Accept: */*',
          'Connection: close',
        ],
        '/healthz',
      ],
      [
        [
          'GET /metrics HTTP/1.1',
          'Host: 10.244.1.7:9643',
          'User-Agent: Prometheus/3.5.0',
          'Accept: application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
          'Accept-Encoding: gzip',
          'X-Prometheus-Scrape-Timeout-Seconds: 10',
        ],
        '/metrics',
      ],
      [
        [
          'GET /report.json?x=%20y HTTP/1.1',
          'Host: 127.0.0.1:9644',
          'User-Agent: curl/7.88.1',
          'Accept: */*',
        ],
        '/report.json',
      ],
      [['GET / HTTP/1.0'], '/'],
    ] as const) {
      const parsed = parseHead(head(...lines));
      assert.ok('path' in parsed, JSON.stringify(parsed));
      assert.equal(parsed.path, path);
    }
  });

  it('joins several fields Accept or Accept-Encoding to one list', () =>
    assert.deepEqual(
      parseHead(
        head(
          'GET / HTTP/1.1',
          'Host: a',
          'Accept: text/plain',
          'accept-encoding: br',
          'Accept: */*;q=0.1',
          'Accept-Encoding: gzip',
        ),
      ),
      { method: 'GET', path: '/', host: 'a', accept: 'text/plain,*/*;q=0.1', acceptEncoding: 'br,gzip' },
    ));

  it('returns the Host and Authorization headers, trimmed, for names in any case', () =>
    assert.deepEqual(
      parseHead(head('HEAD /metrics HTTP/1.1', 'hOST:a:1', 'Authorization:  Bearer x ', 'X-Empty:')),
      { method: 'HEAD', path: '/metrics', host: 'a:1', authorization: 'Bearer x' },
    ));

  for (const [what, status, ...lines] of [
    ['no request line', 400, ''],
    ['no version', 400, 'GET /'],
    ['two spaces', 400, 'GET  / HTTP/1.1', 'Host: a'],
    ['a control character in the target', 400, 'GET /\u0000 HTTP/1.1', 'Host: a'],
    ['a version without numbers', 400, 'GET / HTTP/x', 'Host: a'],
    ['HTTP/2', 505, 'PRI * HTTP/2.0'],
    ['no host', 400, 'GET / HTTP/1.1'],
    ['two hosts', 400, 'GET / HTTP/1.1', 'Host: a', 'host: b'],
    ['two tokens', 400, 'GET / HTTP/1.1', 'Host: a', 'Authorization: b', 'Authorization: c'],
    ['a folded line', 400, 'GET / HTTP/1.1', 'Host: a', ' b'],
    ['a space before the colon', 400, 'GET / HTTP/1.1', 'Host : a'],
    ['a line feed in a value', 400, 'GET / HTTP/1.1', 'Host: a\nb'],
    ['another method', 405, 'POST / HTTP/1.1', 'Host: a'],
    ['a long target', 414, `GET /${'a'.repeat(1024)} HTTP/1.1`, 'Host: a'],
    ['many fields', 431, 'GET / HTTP/1.1', 'Host: a', ...Array.from({ length: 64 }, () => 'A: b')],
  ] as const)
    it(`refuses ${what} with ${status}`, () => {
      const parsed = parseHead(head(...lines));
      assert.equal('why' in parsed && parsed.status, status, JSON.stringify(parsed));
    });

  it('refuses any text or parses it into values without control characters', () =>
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: anyCharacter, maxLength: 300 }),
          fc
            .array(
              fc.constantFrom('GET', ' ', '/', 'HTTP/1.1', '\r\n', 'Host', ':', 'a', '\n', '\t', '\u0000'),
              {
                maxLength: 20,
              },
            )
            .map((parts) => parts.join('')),
        ),
        (text) => {
          const parsed = parseHead(text);
          if ('why' in parsed) assert.ok(parsed.status >= 400 && parsed.status < 600);
          else
            for (const value of [parsed.path, parsed.host ?? '', parsed.authorization ?? ''])
              assert.doesNotMatch(value, /[^\P{Cc}\t\u0080-\u009f]/u);
        },
      ),
    ));

  it('returns any valid host, path and token unchanged', () => {
    const visible = fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(visible, visible, visible, (host, path, token) => {
        const wanted = { method: 'GET', path: `/${path.replaceAll('?', '')}`, host, authorization: token };
        const lines = [
          `GET ${wanted.path}?q HTTP/1.1`,
          `Authorization: ${token}`,
          `Host:\t${host}`,
          'A: \u00e4',
        ];
        assert.deepEqual(parseHead(head(...lines)), wanted);
      }),
    );
  });
});

describe('loopback', () => {
  const loopback = [
    'localhost',
    'LocalHost:1',
    'localhost.:9',
    '127.0.0.1',
    '127.8.9.1:65535',
    '[::1]',
    '[::1]:9644',
  ];
  const others = [
    ...[
      '',
      'evil.example',
      'evil.example:9644',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      'a.localhost',
    ],
    ...[
      '10.0.0.1',
      '[::2]',
      '[::1',
      '::1',
      '127.0.0.1@evil.example',
      'localhost:1:2',
      '127.0.0.1x',
      '0177.0.0.1',
    ],
  ];
  for (const name of loopback)
    it(`namesLoopback accepts "${name}"`, () => assert.equal(namesLoopback(name), true));
  for (const name of others)
    it(`namesLoopback refuses "${name}"`, () => assert.equal(namesLoopback(name), false));

  it('isLoopback tells loopback addresses from others', () => {
    for (const address of ['127.0.0.1', '127.0.0.2', '::1', '::ffff:127.0.0.1'])
      assert.equal(isLoopback(address), true, address);
    for (const address of ['0.0.0.0', '::', '10.0.0.1', '::ffff:10.0.0.1', '1270::1'])
      assert.equal(isLoopback(address), false, address);
  });
});
