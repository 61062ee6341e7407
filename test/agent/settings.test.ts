import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Config, settingNames, settingNamesOf, settings } from '../../src/agent/settings.ts';
import { anyText } from '../model/any-text.ts';

const hour = 3_600_000;

describe('a duration', () => {
  const { parse } = settings.periodMs;

  for (const [text, expected] of [
    ['100ms', 100],
    ['99ms', undefined],
    ['0.1s', 100],
    ['0.09s', undefined],
    ['5s', 5_000],
    ['007s', 7_000],
    ['1.5m', 90_000],
    ['0.5h', hour / 2],
    ['24h', 24 * hour],
    ['1440m', 24 * hour],
    ['86400001ms', undefined],
    ['24.1h', undefined],
    ['100.5ms', undefined],
    ['0s', undefined],
    ['-5s', undefined],
    ['+5s', undefined],
    ['.5s', undefined],
    ['5.s', undefined],
    ['5', undefined],
    ['s', undefined],
    ['', undefined],
    ['5 s', undefined],
    [' 5s', undefined],
    ['5s\n', undefined],
    ['5S', undefined],
    ['1d', undefined],
    ['1m30s', undefined],
    ['1e3s', undefined],
    ['٥s', undefined],
    [`${'9'.repeat(400)}h`, undefined],
  ] as const)
    it(`${expected === undefined ? 'refuses' : `is ${expected} ms for`} ${JSON.stringify(text.slice(0, 20))}`, () =>
      assert.equal(parse(text), expected));

  it('reads decimal fractions of any unit that make whole milliseconds', () => {
    for (const [text, expected] of [
      ['0.29s', 290],
      ['1.001s', 1_001],
      ['4.35s', 4_350],
      ['1.1m', 66_000],
      ['8.2h', 29_520_000],
    ] as const)
      assert.equal(parse(text), expected, text);
  });

  it('reads each whole number of milliseconds in seconds with a fraction', () =>
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 86_400_000 }), (value) => {
        const text = `${Math.trunc(value / 1000)}.${String(value % 1000).padStart(3, '0')}s`;
        assert.equal(parse(text), value, text);
      }),
    ));
});

describe('an address', () => {
  const { parse } = settings.probeAddress;

  for (const [text, expected] of [
    ['off', 'off'],
    ['127.0.0.1:9643', { host: '127.0.0.1', port: 9643 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    [':9643', { port: 9643 }],
    ['[::1]:80', { host: '::1', port: 80 }],
    ['[::ffff:10.0.0.1]:65535', { host: '::ffff:10.0.0.1', port: 65_535 }],
    [':65536', undefined],
    [':99999', undefined],
    [':000080', undefined],
    [':-1', undefined],
    [':', undefined],
    ['', undefined],
    ['OFF', undefined],
    ['127.0.0.1', undefined],
    ['::1:80', undefined],
    ['[::1]', undefined],
    ['[]:80', undefined],
    ['[localhost]:80', undefined],
    ['[::1%eth0]:80', undefined],
    ['a/b:80', undefined],
    ['http://a:80', undefined],
    ['a b:80', undefined],
    ['a:80\n', undefined],
    ['a:8o', undefined],
  ] as const)
    it(`${expected === undefined ? 'refuses' : 'reads'} ${JSON.stringify(text)}`, () =>
      assert.deepEqual(parse(text), expected));
});

describe('a switch', () => {
  it('is true or false in small letters, and nothing else', () => {
    const given = ['true', 'false', 'True', 'yes', '1', '', 'auto', ' true'];
    assert.deepEqual(given.map(settings.resource.parse), [true, false, ...new Array(6).fill(undefined)]);
  });

  it('may be auto for the ConfigMap alone', () => {
    const given = ['true', 'false', 'auto', 'Auto', ''];
    assert.deepEqual(given.map(settings.configMap.parse), [true, false, 'auto', undefined, undefined]);
    assert.equal(settings.annotations.parse('auto'), undefined);
  });
});

describe('a word', () => {
  it('is one of the list, in the same letters', () => {
    const given = ['table', 'wide', 'json', 'yaml', 'csv', 'name', 'off', 'Table', '', 'constructor'];
    assert.deepEqual(given.map(settings.output.parse), [
      ...given.slice(0, 7),
      undefined,
      undefined,
      undefined,
    ]);
    assert.equal(settings.logLevel.parse('off'), undefined);
  });
});

describe('a text', () => {
  it('is anything but empty', () => {
    assert.equal(settings.node.parse(''), undefined);
    for (const value of [' ', '0', '/a b', 'off']) assert.equal(settings.root.parse(value), value);
  });
});

describe('each setting', () => {
  it('refuses the empty text, and never throws', () => {
    for (const name of settingNames) assert.equal(settings[name].parse(''), undefined, name);
    fc.assert(
      fc.property(fc.constantFrom(...settingNames), anyText({ maxLength: 20 }), (name, text) => {
        settings[name].parse(text);
      }),
    );
  });

  it('says in its placeholder all words that it accepts', () => {
    for (const name of settingNames) {
      const { takes, parse } = settings[name];
      const words = takes.split('|');
      assert.ok(words.length === 1 || words.every((word) => parse(word) !== undefined), name);
    }
  });
});

describe('namesOf', () => {
  for (const [setting, key, flag, variable] of [
    ['root', 'root', 'root', 'REALMEM_ROOT'],
    ['periodMs', 'period', 'period', 'REALMEM_PERIOD'],
    ['annotationPeriodMs', 'annotationPeriod', 'annotation-period', 'REALMEM_ANNOTATION_PERIOD'],
    ['tlsCertFile', 'tlsCertFile', 'tls-cert-file', 'REALMEM_TLS_CERT_FILE'],
    ['configMap', 'configMap', 'config-map', 'REALMEM_CONFIG_MAP'],
  ] as const)
    it(`makes ${key}, --${flag} and ${variable} of ${setting}`, () =>
      assert.deepEqual(settingNamesOf(setting), { key, flag, variable }));

  it('gives each setting names of its own', () => {
    for (const which of ['key', 'flag', 'variable'] as const) {
      const names = settingNames.map((setting: keyof Config) => settingNamesOf(setting)[which]);
      assert.equal(new Set(names).size, settingNames.length, which);
    }
  });
});
