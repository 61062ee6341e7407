/** A strict parser of both formats of metrics: a family is its head, then its samples. */
import assert from 'node:assert/strict';

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Exposition {
  readonly samples: readonly Sample[];
  /** Type by name of the family. */
  readonly types: ReadonlyMap<string, string>;
  readonly units: ReadonlyMap<string, string>;
}

const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"/;
const sample = new RegExp(
  `^([a-z_]+)(?:\\{(${label.source}(?:,${label.source})*)\\})? (-?\\d+(?:\\.\\d+)?(?:e-\\d+)?)$`,
);

/** The suffixes of samples in a family of each type. Source: the OpenMetrics specification, version 1.0.0. */
const suffixes: Readonly<Record<string, readonly string[]>> = {
  gauge: [''],
  counter: ['_total'],
  info: ['_info'],
  histogram: ['_bucket', '_sum', '_count'],
};
/** In the older format a counter's family has the name of its samples. */
const suffixesOfText = { ...suffixes, counter: [''], info: [] };

export function readText(text: string): Exposition {
  assert.match(text, /\n$/);
  return read(text.slice(0, -1).split('\n'), ['HELP', 'TYPE'], suffixesOfText);
}

export function readOpenMetrics(text: string): Exposition {
  assert.match(text, /\n# EOF\n$/);
  return read(text.slice(0, -'\n# EOF\n'.length).split('\n'), ['TYPE', 'UNIT', 'HELP'], suffixes);
}

/** @param order of the lines in the head of a family */
function read(
  lines: readonly string[],
  order: readonly string[],
  allowed: Readonly<Record<string, readonly string[]>>,
): Exposition {
  const samples: Sample[] = [];
  const types = new Map<string, string>();
  const units = new Map<string, string>();
  let family = '';
  let head: string[] = [];
  for (const [index, line] of lines.entries()) {
    const [, keyword = '', name = '', rest = ''] =
      /^# ([A-Z]+) ((?:realmem|process)_[a-z_]+) (\S.*)$/.exec(line) ?? [];
    if (keyword !== '') {
      if (name !== family) {
        assert.ok(!types.has(name), `${name} comes twice`);
        [family, head] = [name, []];
      }
      head.push(keyword);
      assert.deepEqual(
        head,
        order.filter((one) => head.includes(one)),
        `the head of ${name}`,
      );
      if (keyword === 'TYPE') types.set(name, rest);
      if (keyword === 'UNIT') {
        units.set(name, rest);
        assert.ok(name.endsWith(`_${rest}`), `${name} does not end in its unit`);
      }
      if (keyword === order.at(-1)) assert.ok(sample.test(lines[index + 1] ?? ''), `${name} has no sample`);
      continue;
    }
    const match = sample.exec(line);
    assert.ok(match, `no sample: ${line}`);
    const type = types.get(family) ?? '';
    const expected = (allowed[type] ?? []).map((suffix) => family + suffix);
    assert.ok(expected.includes(match[1] ?? ''), `${match[1]} in family ${family} of type ${type}`);
    const labels = [...(match[2] ?? '').matchAll(new RegExp(label, 'g'))].map(([, key = '', value = '']) => [
      key,
      value.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char)),
    ]);
    assert.equal(new Set(labels.map(([key]) => key)).size, labels.length, 'a label comes twice');
    samples.push({ name: match[1] ?? '', labels: Object.fromEntries(labels), value: Number(match.at(-1)) });
  }
  return { samples, types, units };
}
