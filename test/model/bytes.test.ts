import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bytes, formatBytes, formatShare, parseQuantity } from '../../src/model/bytes.ts';

const Ki = 1024;
const Mi = Ki ** 2;
const Gi = Ki ** 3;

/** Amounts evenly spread over powers of two. Drawn evenly below 2^53, most would be close to 2^53. */
const amount: fc.Arbitrary<number> = fc
  .tuple(fc.nat(52), fc.double({ min: 1, max: 2, noNaN: true }))
  .map(([power, factor]) => Math.floor(2 ** power * factor));

describe('formatBytes', () => {
  const examples: readonly (readonly [number, string])[] = [
    [0, '0'],
    [1, '1'],
    [1023, '1023'],
    [Ki, '1Ki'],
    [1536, '1.5Ki'],
    [812 * Ki, '812Ki'],
    [4.3 * Mi, '4.3Mi'],
    [212 * Mi, '212Mi'],
    [74_207_219_712, '69.1Gi'],
    [137_438_953_472, '128Gi'],
    [99.94 * Gi, '99.9Gi'],
    [99.96 * Gi, '100Gi'],
    [1023.4 * Ki, '1023Ki'],
    [1023.5 * Ki, '1Mi'],
    [1023.96 * Mi, '1Gi'],
    [-812 * Ki, '-812Ki'],
  ];
  for (const [n, text] of examples)
    it(`prints ${n} bytes as ${text}`, () => assert.equal(formatBytes(bytes(n)), text));

  it('prints any amount with at most four digits', () =>
    fc.assert(
      fc.property(amount, (n) =>
        assert.match(formatBytes(bytes(n)), /^(\d{1,4}|\d{1,2}\.[1-9])([KMGTP]i)?$/),
      ),
    ));

  it('prints any amount so that parseQuantity returns it within half of the last digit', () =>
    fc.assert(
      fc.property(amount, (n) => {
        const text = formatBytes(bytes(n));
        const unit = 1024 ** ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'].indexOf(text.replace(/[\d.]+/, ''));
        const half = unit === 1 ? 0 : (n / unit < 99.95 ? 0.05 : 0.5) * unit;
        const back = parseQuantity(text);
        // 2^53 − 1 rounds up to 8Pi, one byte more than the maximum of parseQuantity.
        if (text === '8Pi') return;
        assert.ok(back !== undefined && Math.abs(back - n) <= half + 1, `${n} is ${text} is ${back}`);
      }),
    ));

  it('never prints a smaller size for a larger amount', () =>
    fc.assert(
      fc.property(amount, amount, (a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)].map((n) =>
          parseQuantity(formatBytes(bytes(n))),
        );
        if (more !== undefined) assert.ok(less !== undefined && less <= more);
      }),
    ));
});

describe('formatShare', () => {
  it('prints as many digits after the point as requested', () => {
    assert.equal(formatShare(74_207_219_712, 137_438_953_472, 2), '53.99%');
    assert.equal(formatShare(1, 3, 0), '33%');
  });

  it('returns undefined when the whole is unknown or zero', () => {
    assert.equal(formatShare(1, undefined, 2), undefined);
    assert.equal(formatShare(1, 0, 2), undefined);
  });
});

describe('parseQuantity', () => {
  const examples: readonly (readonly [string, number])[] = [
    ['0', 0],
    ['128974848', 128_974_848],
    ['128Mi', 128 * Mi],
    ['64Ki', 64 * Ki],
    ['1.5Gi', 1.5 * Gi],
    ['2Ti', 2 * Ki ** 4],
    ['1.5G', 1_500_000_000],
    ['129M', 129_000_000],
    ['129e6', 129_000_000],
    ['1e3', 1000],
    ['1E3', 1000],
    ['12E-1', 2],
    ['128974848000m', 128_974_848],
    ['500m', 1],
    ['1n', 1],
    ['.5Gi', 0.5 * Gi],
    ['5.', 5],
    ['+5', 5],
    ['0.1Gi', 107_374_183],
    ['16.1k', 16_100],
    ['262144k', 262_144_000],
  ];
  for (const [text, n] of examples)
    it(`parses ${text} as ${n} bytes`, () => assert.equal(parseQuantity(text), n));

  const none = [
    '',
    ' ',
    '1 Mi',
    ' 1',
    '1\n',
    '1mi',
    '1KB',
    '1K',
    '1kB',
    'Mi',
    '.',
    'e3',
    '1e',
    '1e3Mi',
    '1.2.3',
    '--1',
  ];
  const words = ['0x10', 'NaN', 'Infinity', 'max', '１', '1_000', '1,5G'];
  for (const text of [...none, ...words])
    it(`returns undefined for ${JSON.stringify(text)}`, () => assert.equal(parseQuantity(text), undefined));

  it('accepts 2^53 − 1 bytes and returns undefined for more', () => {
    assert.equal(parseQuantity('9007199254740991'), Number.MAX_SAFE_INTEGER);
    for (const text of ['9007199254740992', '8Pi', '1Ei', '1E', '1e400', '9'.repeat(400)])
      assert.equal(parseQuantity(text), undefined, text);
  });

  /** The expected value in integer arithmetic: digits × powers of ten and 1024, rounded up. */
  function exact(whole: string, fraction: string, tens: number, kibis: number): number | undefined {
    const digits = BigInt(whole + fraction) * 1024n ** BigInt(kibis);
    const power = tens - fraction.length;
    const value =
      power >= 0
        ? digits * 10n ** BigInt(power)
        : (digits + 10n ** BigInt(-power) - 1n) / 10n ** BigInt(-power);
    return value <= Number.MAX_SAFE_INTEGER ? Number(value) : undefined;
  }

  it('rounds any quantity up to whole bytes without floating-point error', () => {
    const decimal = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'].map((suffix, index) => [
      suffix,
      3 * index - 9,
      0,
    ]);
    const binary = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].map((suffix, index) => [suffix, 0, index + 1]);
    const exponents = [-12, -3, 0, 3, 9].map((exponent) => [`e${exponent}`, exponent, 0]);
    const suffix = fc.constantFrom(...([...decimal, ...binary, ...exponents] as [string, number, number][]));
    const fraction = fc.stringMatching(/^\d{0,6}$/);
    fc.assert(
      fc.property(
        fc.oneof(fc.nat(10_000), fc.maxSafeNat()),
        fraction,
        suffix,
        (whole, digits, [unit, tens, kibis]) => {
          const text = `${whole}${digits === '' ? '' : `.${digits}`}${unit}`;
          assert.equal(parseQuantity(text), exact(String(whole), digits, tens, kibis), text);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
