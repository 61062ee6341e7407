/** Text for property tests. */
import fc from 'fast-check';

const surrogates = { first: 0xd800, count: 0x800 };

/** Any character of Unicode: fast-check's unit `binary`, without its table of all 1.1 million characters, which takes seconds to fill. */
export const anyCharacter: fc.Arbitrary<string> = fc.nat(0x10ffff - surrogates.count).map(
  (index) => String.fromCodePoint(index < surrogates.first ? index : index + surrogates.count),
  (text) => {
    const [character, ...others] = typeof text === 'string' ? text : '';
    const code = character?.codePointAt(0);
    if (code === undefined || others.length > 0) throw new Error(`expected one character, got ${text}`);
    return code < surrogates.first ? code : code - surrogates.count;
  },
);
