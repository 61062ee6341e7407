import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { quoted } from '../../src/model/text.ts';
import { KeyTable, parseKeyed } from '../../src/sample/keyed.ts';
import { bytesOf, faultOf, valueOrFault, withFaults } from '../any-bytes.ts';

/** The keys found with their numbers, and the errors of others. */
function parseWithFaults(text: string, keys: readonly string[]) {
  const table = new KeyTable(keys);
  const values = new Float64Array(keys.length);
  const { faults } = withFaults((onFault) =>
    parseKeyed('/a/memory.stat', bytesOf(text), table, values, onFault),
  );
  return { found: found(table, values), faults: faults.map(({ detail }) => detail) };
}

/** Parses a file that must give no error. */
function parse(text: string, keys: readonly string[]): Record<string, number> {
  const { found, faults } = parseWithFaults(text, keys);
  assert.deepEqual(faults, []);
  return found;
}

const nobody = (): never => assert.fail('there was a fault');

const found = (table: KeyTable, values: Float64Array): Record<string, number> =>
  Object.fromEntries(
    table.keys.flatMap((key, slot) => {
      const value = values[slot] as number;
      return Number.isNaN(value) ? [] : [[key, value] as const];
    }),
  );

describe('parseKeyed', () => {
  it('returns the wanted keys and ignores all others', () =>
    assert.deepEqual(parse('anon 5\nnew_in_some_kernel 7\nfile 0\n', ['file', 'anon']), {
      anon: 5,
      file: 0,
    }));

  it('leaves out a key that is missing', () =>
    assert.deepEqual(parse('anon 5\n', ['anon', 'shmem']), { anon: 5 }));

  it('forgets the numbers of the file before', () => {
    const table = new KeyTable(['anon', 'file']);
    const values = new Float64Array(2);
    parseKeyed('/a', bytesOf('anon 1\nfile 2\n'), table, values, nobody);
    parseKeyed('/b', bytesOf('file 3\n'), table, values, nobody);
    assert.deepEqual(found(table, values), { file: 3 });
  });

  it('parses a file without a final newline', () =>
    assert.deepEqual(parse('anon 5\nfile 6', ['file']), { file: 6 }));

  it('accepts blank lines', () => assert.deepEqual(parse('anon 5\n\n', ['anon']), { anon: 5 }));

  it('accepts an empty file', () => assert.deepEqual(parse('', ['anon']), {}));

  it('accepts numbers of any length under unknown keys', () =>
    assert.deepEqual(parse(`pgpgin ${'9'.repeat(400)}\nanon 5\n`, ['anon']), { anon: 5 }));

  const broken: Readonly<Record<string, string>> = {
    'without a number': 'anon',
    'without a number behind its space': 'anon ',
    'with a negative number': 'anon -5',
    'with a fraction': 'anon 5.5',
    'with two spaces between': 'anon  5',
    'with a space at its end': 'anon 5 ',
    'with something behind the number': 'anon 5 kB',
    'with letters in the number': 'anon 5x',
    'with a carriage return': 'anon 5\r',
    'with a word for a number': 'anon max',
  };
  for (const [what, line] of Object.entries(broken))
    for (const [where, text, number] of [
      ['in the middle', `cache 1\n${line}\nfile 2\n`, 2],
      ['at the end', `cache 1\nfile 2\n${line}`, 3],
    ] as const)
      it(`drops only the key of a line ${what}, ${where}, and names the line`, () =>
        assert.deepEqual(parseWithFaults(text, ['anon', 'cache', 'file']), {
          found: { cache: 1, file: 2 },
          faults: [{ where: '/a/memory.stat', line: number, expected: '"key number"', got: quoted(line) }],
        }));

  it('drops a key whose last line is malformed, even after a valid one', () =>
    assert.deepEqual(parseWithFaults('anon 5\nanon -5\nfile 2\n', ['anon', 'file']).found, { file: 2 }));

  for (const line of ['pgpgin x', 'pgpgin -1', 'pgpgin', ' 5', ' ', 'anon\t5', '\r'])
    it(`ignores the line ${JSON.stringify(line)} with an unknown key`, () =>
      assert.deepEqual(parse(`cache 1\n${line}\nfile 2\n`, ['anon', 'cache', 'file']), {
        cache: 1,
        file: 2,
      }));

  for (const text of ['broken', '\n\nbroken\n', ' 5\nbroken\n', 'pgpgin 5\n 5'])
    it(`rejects ${JSON.stringify(text)}, which has nothing usable`, () => {
      const { detail } = faultOf(() => parse(text, ['anon']));
      const line = text.split('\n').findIndex((one) => one.trim() !== '' && !/^\w+ \d+$/.test(one));
      assert.deepEqual([detail.where, detail.line], ['/a/memory.stat', line + 1]);
    });

  it('gives values or a located error for any bytes', () => {
    const table = new KeyTable(['anon', 'file', 'active_file']);
    const values = new Float64Array(3);
    valueOrFault(
      'anon 44892160\nfile 1044480\nkernel_stack 262144\nactive_file 786432\n',
      (file, text, onFault) => {
        parseKeyed(file, text, table, values, onFault);
        return Object.values(found(table, values)).filter((value) => value !== Number.POSITIVE_INFINITY);
      },
      (numbers) => numbers,
    );
  });
});

describe('KeyTable', () => {
  it('distinguishes a key from its prefixes, suffixes and superstrings', () => {
    const text =
      'total_active_file 1\nactive_fil 2\nactive_file 3\nactive_files 4\ninactive_file 5\nfile 6\n';
    assert.deepEqual(parse(text, ['active_file']), { active_file: 3 });
    assert.deepEqual(parse(text, ['total_active_file', 'file', 'inactive_file']), {
      total_active_file: 1,
      file: 6,
      inactive_file: 5,
    });
  });

  it('distinguishes keys with the same hash', () => {
    // 31 × "A" + "a" = 31 × "B" + "B".
    assert.deepEqual(parse('BB 2\n', ['Aa']), {});
    assert.deepEqual(parse('BB 2\nAa 1\n', ['Aa', 'BB']), { Aa: 1, BB: 2 });
    assert.deepEqual(parse('AaBB 1\nBBAa 2\nAaAa 3\n', ['BBBB', 'AaAa', 'BBAa']), { AaAa: 3, BBAa: 2 });
  });

  it('finds the same slots as a Map', () => {
    // Use few letters, so that many keys share their prefix, suffix or hash.
    const key = fc.string({ unit: fc.constantFrom('A', 'a', 'B', '_'), minLength: 1, maxLength: 5 });
    const other = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 5 })
      .filter((text) => !/[ \n]/.test(text));
    fc.assert(
      fc.property(
        fc.uniqueArray(key, { maxLength: 300 }),
        fc.array(fc.tuple(fc.oneof(key, other), fc.maxSafeNat()), { maxLength: 100 }),
        (keys, lines) => {
          const model = new Map(lines);
          const expected = keys.flatMap((one) => (model.has(one) ? [[one, model.get(one)]] : []));
          const text = lines.map(([name, number]) => `${name} ${number}\n`).join('');
          assert.deepEqual(parse(text, keys), Object.fromEntries(expected));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('holds hundreds of keys', () => {
    const keys = Array.from({ length: 300 }, (_, index) => `key_${index}`);
    const text = keys.map((key, index) => `${key} ${index}\n`).join('');
    assert.equal(Object.keys(parse(text, keys)).length, 300);
    assert.equal(parse(text, keys)['key_299'], 299);
  });
});
