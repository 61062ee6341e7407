/** Arbitrary text for property tests. */
import fc from 'fast-check';

/** A code point up to U+00FF, any 16-bit code unit (lone surrogates included), or a code point above U+FFFF. */
const character: fc.Arbitrary<string> = fc
  .oneof(fc.nat(0xff), fc.nat(0xffff), fc.integer({ min: 0x10000, max: 0x10ffff }))
  .map((code) => String.fromCodePoint(code));

export const anyText = (constraints: fc.StringConstraints = {}): fc.Arbitrary<string> =>
  fc.string({ ...constraints, unit: character });
