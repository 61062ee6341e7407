/** Any text at all. */
import fc from 'fast-check';

/** Controls and letters, whatever else has 16 bits, halves of characters among it, and what has more. */
const character: fc.Arbitrary<string> = fc
  .oneof(fc.nat(0xff), fc.nat(0xffff), fc.integer({ min: 0x10000, max: 0x10ffff }))
  .map((code) => String.fromCodePoint(code));

export const anyText = (constraints: fc.StringConstraints = {}): fc.Arbitrary<string> =>
  fc.string({ ...constraints, unit: character });
