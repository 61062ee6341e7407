import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Defaults, readConfig } from '../../src/agent/config.ts';
import { LocatedErrors } from '../../src/model/located-error.ts';

const defaults: Defaults = {
  root: '/',
  periodMs: 5_000,
  publishPeriodMs: 60_000,
  resource: false,
  configMap: false,
  annotations: false,
  annotationPeriodMs: 600_000,
  annotationNamespaces: { excluded: ['kube-system'] },
  allowUnguardedWrites: false,
  history: false,
  historyPeriodMs: 3_600_000,
  historyDir: '/state',
  output: 'table',
  reportDir: '/state',
  metricsAuth: false,
  probeAddress: { host: '127.0.0.1', port: 9643 },
  reportAddress: { host: '127.0.0.1', port: 9644 },
  logLevel: 'info',
};

const read = (given: { flags?: Record<string, string>; env?: Record<string, string>; file?: string }) =>
  readConfig({
    flags: given.flags ?? {},
    env: given.env ?? {},
    ...(given.file !== undefined && { file: { name: 'realmem.yaml', text: given.file } }),
    defaults,
  });

function faultsOf(given: Parameters<typeof read>[0]): readonly string[] {
  try {
    read(given);
  } catch (error) {
    assert.ok(error instanceof LocatedErrors);
    return error.all;
  }
  return assert.fail('nothing was found wrong');
}

describe('readConfig', () => {
  it('returns the defaults without flags, variables and file', () => {
    assert.deepEqual(read({}), { ...defaults, reportPeriodMs: 5_000 });
    assert.deepEqual(read({ file: '' }), read({}));
    assert.deepEqual(read({ file: '# nothing\n' }), read({}));
  });

  it('prefers flags to variables, and variables to the file', () => {
    const file = 'period: 1s\noutput: csv\nlogLevel: debug\n';
    const env = { REALMEM_PERIOD: '2s', REALMEM_OUTPUT: 'json', HOME: '/root' };
    const config = read({ file, env, flags: { period: '10s' } });
    assert.deepEqual(
      [config.periodMs, config.output, config.logLevel, config.reportPeriodMs],
      [10_000, 'json', 'debug', 10_000],
    );
  });

  it('parses durations and addresses', () => {
    assert.equal(read({ flags: { period: '100ms' } }).periodMs, 100);
    assert.equal(read({ flags: { period: '1.5s' } }).periodMs, 1_500);
    assert.equal(read({ flags: { 'report-period': '1h' } }).reportPeriodMs, 3_600_000);
    assert.equal(read({ flags: { 'probe-address': 'off' } }).probeAddress, 'off');
    assert.deepEqual(read({ flags: { 'probe-address': '[::1]:80' } }).probeAddress, {
      host: '::1',
      port: 80,
    });
    assert.deepEqual(read({ file: 'reportAddress: 0.0.0.0:0' }).reportAddress, { host: '0.0.0.0', port: 0 });
  });
});

describe('readConfig, for a file of JSON', () => {
  it('reads the same as from YAML', () => {
    const values = { period: '1s', history: true, probeAddress: ':80', node: 7 };
    const yaml = "period: 1s\nhistory: true\nprobeAddress: ':80'\nnode: 7\n";
    assert.deepEqual(read({ file: JSON.stringify(values) }), read({ file: yaml }));
    assert.equal(read({ file: JSON.stringify(values) }).node, '7');
  });

  for (const [what, file, fault] of [
    ['an unknown key', '{\n"peroid": "1s"\n}', /^realmem\.yaml:2: peroid .*did you mean period/],
    ['an invalid value', '{\n"period": "1"\n}', /^realmem\.yaml:2 period: expected a duration/],
    ['a list', '{"period": ["1s"]}', /^realmem\.yaml:1 period: .*got a list, a map or nothing/],
    ['a key that is there twice', '{"period": "bad",\n"period": "5s"}', /^realmem\.yaml:2.*unique/],
    ['a comma too few', '{"period": "1s"\n"history": true}', /^realmem\.yaml:2: expected YAML/],
  ] as const)
    it(`names the line of ${what}`, () => assert.match(faultsOf({ file }).join('\n'), fault));
});

describe('readConfig, for errors', () => {
  it('reads a choice of namespaces from a flag and from a file', () => {
    const excluded = { included: ['shop'], excluded: ['bank'] };
    assert.deepEqual(
      read({ flags: { 'annotation-namespaces': 'shop,!bank' } }).annotationNamespaces,
      excluded,
    );
    const file = "annotationNamespaces: '*,!bank'\n";
    assert.deepEqual(read({ file }).annotationNamespaces, { excluded: ['bank'] });
    assert.match(
      faultsOf({ env: { REALMEM_ANNOTATION_NAMESPACES: 'a b' } })[0] ?? '',
      /^REALMEM_ANNOTATION_NAMESPACES: expected names of namespaces .*, got "a b"$/,
    );
  });

  it('reports all errors at once, each with its source, what was expected and what came', () => {
    const faults = faultsOf({
      file: 'period: soon\nlogLevle: debug\noutput:\n  - table\n',
      env: { REALMEM_LOG_LEVEL: 'loud', REALMEM_PERIODE: '5s' },
      flags: { 'probe-address': 'here' },
    });
    assert.deepEqual(faults, [
      'realmem.yaml:2: logLevle is not a key of realmem: did you mean logLevel?',
      'realmem.yaml:3 output: expected one of table, wide, json, yaml, csv, tsv, name, markdown, off, got a list, a map or nothing',
      'realmem.yaml:1 period: expected a duration from 100ms to 24h, such as 5s, got "soon"',
      '--probe-address: expected an address such as 127.0.0.1:9643, :9643 for all of this machine, or off, got "here"',
      'REALMEM_LOG_LEVEL: expected one of fatal, error, warn, info, debug, trace, silent, got "loud"',
      'REALMEM_PERIODE is not a setting of realmem: did you mean REALMEM_PERIOD?',
    ]);
  });

  it('names the line of malformed YAML', () => {
    const [fault] = faultsOf({ file: 'period: 5s\noutput: "table\n' });
    assert.match(fault ?? '', /^realmem\.yaml:[23]: expected YAML, got /);
  });

  it('rejects YAML that nests too deep, and a second document', () => {
    for (const text of ['- '.repeat(100_000), `period: ${'['.repeat(100_000)}`])
      assert.deepEqual(faultsOf({ file: text }), [
        'realmem.yaml: expected YAML, got YAML nested deeper than 100 levels, the most that realmem reads',
      ]);
    assert.deepEqual(faultsOf({ file: 'period: 5s\n---\nperiod: 6s\n' }), [
      'realmem.yaml:2: expected one document, got a second one',
    ]);
  });

  it('reports at most 50 errors of limited length for any input', () => {
    const keys = Array.from({ length: 5_000 }, (_, at) => `k${at}: 1`).join('\n');
    const faults = faultsOf({ file: keys, env: { REALMEM_PERIOD: 'x'.repeat(100_000) } });
    assert.equal(faults.length, 51);
    assert.equal(faults.at(-1), 'and 4951 more');
    assert.ok(faults.every((fault) => fault.length < 1_000));
  });

  it('rejects a file that is a list', () => {
    assert.deepEqual(faultsOf({ file: '- a\n' }), [
      'realmem.yaml:1: expected a map of settings, got a list or a single value',
    ]);
  });

  for (const period of ['5', '-5s', '99ms', '25h', '', '5 s', '1e3s', 'Infinitys'])
    it(`rejects the period "${period}"`, () => assert.equal(faultsOf({ flags: { period } }).length, 1));

  for (const address of ['127.0.0.1', ':', '::9643', 'localhost:99999', 'a b:1', 'http://x:1'])
    it(`rejects the address "${address}"`, () =>
      assert.equal(faultsOf({ flags: { 'report-address': address } }).length, 1));

  it('escapes control characters of the input', () => {
    assert.match(faultsOf({ flags: { period: '\u001b[31m' } })[0] ?? '', /got "\\u001b\[31m"$/);
  });
});

describe('readConfig, for the TLS files', () => {
  it('requires certificate and key together, and metricsAuth', () => {
    const flags = { 'tls-cert-file': '/c', 'tls-key-file': '/k' };
    const { metricsAuth, tlsCertFile, tlsKeyFile } = read({ flags: { ...flags, 'metrics-auth': 'true' } });
    assert.deepEqual([metricsAuth, tlsCertFile, tlsKeyFile], [true, '/c', '/k']);
    assert.match(faultsOf({ flags }).join(), /tlsCertFile does nothing without metricsAuth/);
    assert.match(
      faultsOf({ flags: { 'metrics-auth': 'true', 'tls-cert-file': '/c' } }).join(),
      /go together: give both or neither/,
    );
  });
});
