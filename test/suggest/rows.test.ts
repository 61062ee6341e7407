import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Risk, risks, type Suggestion } from '../../src/model/recommendation.ts';
import {
  changes,
  reasonsOf,
  reasonsText,
  rowsOfSuggestions,
  suggestionSorts,
  totalsOf,
  withLittleSeen,
} from '../../src/suggest/rows.ts';
import { bounded, type Made, MiB, mib, rowOf, rowsOf, suggestion, suggestions } from './made.ts';

const sizes = (made: Made): readonly (number | undefined)[] => {
  const { request, limit } = rowOf(made);
  return [request, limit].map((size) => size && size / MiB);
};
const set = (request?: number, limit?: number): Suggestion['setting'] => ({
  type: 'container',
  ...(request !== undefined && { request: request * MiB }),
  ...(limit !== undefined && { limit: limit * MiB }),
});

describe('the values of a row', () => {
  it('are the targets where nothing is set, and where the current values differ by more than 10 %', () => {
    assert.deepEqual(sizes({}), [100, 200]);
    assert.deepEqual(sizes({ setting: set(50, 500) }), [100, 200]);
  });

  it('keep a current value at most 10 % from the target, and replace it just beyond', () => {
    assert.deepEqual(sizes({ setting: set(95, 210) }), [95, 210]);
    // 10 % of the current value.
    assert.deepEqual(sizes({ setting: set(111, 222) }), [111, 222]);
    assert.deepEqual(sizes({ setting: set(112, 223) }), [100, 200]);
    assert.deepEqual(sizes({ setting: set(90, 181) }), [100, 200]);
  });

  it('replace a near value below the lower bound, and keep one equal to it', () => {
    const recommendation = { request: bounded(100, 98, 120), limit: bounded(200, 198, 300) };
    assert.deepEqual(sizes({ recommendation, setting: set(97, 197) }), [100, 200]);
    assert.deepEqual(sizes({ recommendation, setting: set(98, 198) }), [98, 198]);
  });

  it('lower the request to the limit', () => {
    const recommendation = { request: bounded(200, 100), limit: bounded(200, 100) };
    assert.deepEqual(sizes({ recommendation, setting: set(210, 190) }), [190, 190]);
  });

  it('are those of learning, with an absent one absent', () => {
    const learning = { peak: mib(1), limit: mib(64), because: [] };
    assert.deepEqual(sizes({ recommendation: { learning }, setting: set(50, 60) }), [undefined, 64]);
  });

  it('are absent where the pod sets them for all containers and the container sets none', () => {
    const pod = { request: mib(400), limit: mib(500) };
    assert.deepEqual(sizes({ setting: { ...set(), pod } }), [undefined, undefined]);
    assert.deepEqual(sizes({ setting: { ...set(), pod: { request: mib(400) } } }), [undefined, 200]);
    assert.deepEqual(sizes({ setting: { ...set(), pod: { limit: mib(400) } } }), [100, undefined]);
    assert.deepEqual(sizes({ setting: { ...set(50, 60), pod } }), [100, 200]);
  });

  it('are absent for a whole pod that does not set them', () => {
    const whole = (setting: Suggestion['setting']) => sizes({ setting, more: { isWholePod: true } });
    assert.deepEqual(whole(set(50)), [100, undefined]);
    assert.deepEqual(whole(set(undefined, 50)), [undefined, 200]);
  });

  it('change something when either value differs from the current one, also from none', () => {
    assert.equal(changes(rowOf({ setting: set(100, 200) })), false);
    assert.equal(changes(rowOf({ setting: set(50, 200) })), true);
    assert.equal(changes(rowOf({ setting: set(100, 900) })), true);
    assert.equal(changes(rowOf({})), true);
    const learning = { peak: mib(1), because: [] };
    assert.equal(changes(rowOf({ recommendation: { learning } })), false);
  });
});

describe('what a row frees', () => {
  it('is the difference of requests times the running replicas, negative where more is needed', () => {
    assert.equal(rowOf({ setting: set(300), more: { replicas: 3 } }).frees, 600 * MiB);
    assert.equal(rowOf({ setting: set(40), more: { replicas: 2 } }).frees, -120 * MiB);
    assert.equal(rowOf({ more: { replicas: 2 } }).frees, -200 * MiB, 'no request counts as 0');
  });

  it('is 0 and not −0 without running replicas', () =>
    assert.equal(rowOf({ setting: set(40), more: { replicas: 0 } }).frees, 0));

  it('is 0 for a container of a pod with a request, which the scheduler counts instead', () => {
    const setting = { ...set(300), pod: { request: mib(400) } };
    assert.equal(rowOf({ setting }).frees, 0);
    assert.equal(rowOf({ setting: { ...set(300), pod: { limit: mib(400) } } }).frees, 200 * MiB);
  });

  it('adds up to the totals, which count a pod with a request once', () => {
    const pod = { request: mib(400) };
    const rows = rowsOf(
      suggestion({ setting: set(300), more: { replicas: 2 } }),
      suggestion({ key: { workload: 'Deployment/bare' } }),
      suggestion({ key: { workload: 'Deployment/pod' }, setting: { ...set(300), pod } }),
      suggestion({
        ...{ key: { workload: 'Deployment/pod', container: '' }, setting: set(400) },
        more: { isWholePod: true },
      }),
    );
    const frees = (400 - 100 + 300) * MiB;
    assert.deepEqual(totalsOf(rows), { now: 1000 * MiB, after: 1000 * MiB - frees, frees });
    assert.deepEqual(totalsOf([]), { now: 0, after: 0, frees: 0 });
  });
});

describe('the risk', () => {
  const risk = (made: Made): Risk => rowOf(made).risk;
  const learning = { peak: mib(1), because: [] };

  it('is a leak before anything else', () => {
    const leak = { pod: 'a', perDay: 1, since: 0, from: 0, until: 1, to: 1 };
    assert.equal(
      risk({ recommendation: { leak }, setting: set(100, 10), more: { isKilledAtLimit: true } }),
      'leak',
    );
  });

  it('is "killed" or "too low" for a limit below the lower bound, and neither for one equal to it', () => {
    assert.equal(risk({ setting: set(100, 149), more: { isKilledAtLimit: true } }), 'killed');
    assert.equal(risk({ setting: set(100, 149) }), 'too low');
    assert.equal(risk({ setting: set(100, 150), more: { isKilledAtLimit: true } }), '');
    assert.equal(risk({ setting: set(100, 0) }), 'too low', '0 is a limit');
  });

  it('is "no limit" without a limit of the container or its pod', () => {
    assert.equal(risk({ setting: set(100) }), 'no limit');
    assert.equal(risk({ setting: { ...set(100), pod: { request: mib(9) } } }), 'no limit');
    assert.equal(risk({ setting: { ...set(100), pod: { limit: mib(9) } } }), '');
    assert.equal(risk({ setting: set(100), more: { isWholePod: true } }), '');
  });

  it('is "too little" without a request or with one below the lower bound', () => {
    assert.equal(risk({ setting: set(undefined, 200) }), 'too little');
    assert.equal(risk({ setting: set(79, 200) }), 'too little');
    assert.equal(risk({ setting: set(80, 200) }), '');
    assert.equal(risk({ setting: { ...set(undefined, 200), pod: { request: mib(9) } } }), '');
    assert.equal(risk({ setting: set(undefined, 200), more: { isWholePod: true } }), '');
  });

  it('is "too much" for a request above 1.5 × the upper bound, unless it is still learning', () => {
    assert.equal(risk({ setting: set(180, 200) }), '');
    assert.equal(risk({ setting: set(181, 200) }), 'too much');
    assert.equal(risk({ setting: set(181, 200), recommendation: { learning } }), '');
  });

  it('is none for a whole pod that is learning, and for a container that is learning as for any other', () => {
    assert.equal(risk({ setting: set(1, 1), recommendation: { learning }, more: { isWholePod: true } }), '');
    assert.equal(risk({ setting: set(1, 1), recommendation: { learning } }), 'too low');
  });
});

describe('a whole pod', () => {
  const whole = (request?: number, limit?: number, more: Partial<Suggestion> = {}): Suggestion =>
    suggestion({
      ...{ key: { container: '' }, setting: set(request, limit), more: { isWholePod: true, ...more } },
    });
  const inside = (container: string, request: number, limit: number, more: Partial<Suggestion> = {}) =>
    suggestion({
      key: { container },
      setting: { ...set(request, limit), pod: { request: mib(1) } },
      recommendation: { request: bounded(request), limit: bounded(limit) },
      more,
    });
  const podOf = (...items: readonly Suggestion[]): readonly (number | undefined)[] => {
    const row = rowsOf(...items).find((one) => one.suggestion.isWholePod) ?? assert.fail();
    return [row.request, row.limit, row.frees].map((size) => size && size / MiB);
  };

  it('fits the requests of its containers together, and its limit fits its request and each limit', () => {
    assert.deepEqual(podOf(whole(50, 50), inside('a', 90, 100), inside('b', 80, 100)), [170, 200, -120]);
    assert.deepEqual(podOf(whole(50, 50), inside('a', 150, 160), inside('b', 90, 100)), [240, 240, -190]);
    assert.deepEqual(podOf(whole(50, 50), inside('a', 10, 700)), [100, 700, -50]);
  });

  it('sets no request or limit where the pod sets none', () => {
    assert.deepEqual(podOf(whole(undefined, 50), inside('a', 300, 320)), [undefined, 320, 0]);
    assert.deepEqual(podOf(whole(50), inside('a', 300, 320)), [300, undefined, -250]);
  });

  it('frees 0 and not −0 while none of its pods runs', () => {
    const gone = inside('a', 90, 100, { replicas: 0 });
    assert.deepEqual(podOf(whole(50, 50, { replicas: 0 }), gone), [100, 200, 0]);
  });

  it('ignores containers that no longer run, init containers excepted, and those of other workloads', () => {
    const gone = inside('old', 900, 900, { replicas: 0 });
    assert.deepEqual(podOf(whole(50, 50), inside('a', 90, 100), gone), [100, 200, -50]);
    const init = { ...gone, setting: { ...gone.setting, type: 'init' as const } };
    assert.deepEqual(podOf(whole(50, 50), inside('a', 90, 100), init), [900, 900, -850]);
    assert.deepEqual(podOf(whole(50, 50), gone), [900, 900, -850], 'nothing runs, so all count');
    const other = {
      ...inside('a', 900, 900),
      key: { namespace: 'bank', workload: 'Deployment/web', container: 'a' },
    };
    assert.deepEqual(podOf(whole(50, 50), other), [100, 200, -50]);
  });
});

describe('the order of rows', () => {
  const named = (workload: string, request: number, limit?: number): Suggestion =>
    suggestion({ key: { workload }, setting: set(request, limit) });
  const items = [
    named('Deployment/d', 300, 200),
    named('Deployment/c', 300, 100),
    named('Deployment/b', 900, 200),
    named('Deployment/a', 100, 200),
    named('Deployment/e', 100),
  ];
  const order = (by: (typeof suggestionSorts)[number]): string =>
    rowsOfSuggestions(suggestions(items), by)
      .map(({ suggestion: { key } }) => key.workload.slice(-1))
      .join('');

  it('is by name, by freed memory or by risk, with ties by name', () => {
    assert.equal(order('name'), 'abcde');
    assert.equal(order('frees'), 'bcdae');
    assert.equal(order('risk'), 'cebda');
  });

  it('compares names by code unit: namespace, then workload, then container', () => {
    const keys = [
      { namespace: 'b', workload: 'a', container: 'a' },
      { namespace: 'a', workload: 'b', container: 'a' },
      { namespace: 'a', workload: 'a', container: 'b' },
      { namespace: 'B', workload: 'z', container: 'z' },
    ];
    const sorted = rowsOf(...keys.map((key) => suggestion({ key }))).map(({ suggestion: { key } }) => key);
    assert.deepEqual(sorted, [keys[3], keys[2], keys[1], keys[0]]);
  });

  it('does not depend on the order of the items, for any risks', () =>
    fc.assert(
      fc.property(
        fc.shuffledSubarray(items, { minLength: items.length }),
        fc.constantFrom(...suggestionSorts),
        (some, by) => {
          const names = (list: readonly Suggestion[]) =>
            rowsOfSuggestions(suggestions(list), by).map(({ suggestion: { key } }) => key.workload);
          assert.deepEqual(names(some), names(items));
        },
      ),
    ));

  it('knows each risk once, with none as the last', () => {
    assert.equal(new Set(risks).size, risks.length);
    assert.equal(risks.at(-1), '');
  });
});

describe('reasons', () => {
  const learning = { peak: mib(1), because: ['Too early'] };

  it('are those of learning instead of the others', () => {
    assert.deepEqual(reasonsOf(suggestion({ recommendation: { learning } })), ['Too early']);
    assert.deepEqual(reasonsOf(suggestion()), ['One reason', 'Another reason.']);
  });

  it('are one line, each with one full stop', () => {
    assert.equal(reasonsText(suggestion()), 'One reason. Another reason.');
    assert.equal(reasonsText(suggestion({ recommendation: { because: [] } })), '');
  });
});

describe('withLittleSeen', () => {
  const learning = { peak: mib(1), because: ['Too early'] };

  it('replaces learning by the suggestion itself, and keeps other items as they are', () => {
    const other = suggestion();
    const { items } = withLittleSeen(suggestions([suggestion({ recommendation: { learning } }), other]));
    assert.deepEqual(items[0], other);
    assert.equal(items[1], other);
  });

  it('does not compute the evidence of an item', () => {
    let computed = 0;
    const get = () => {
      computed++;
      return { usedBytes: 1, peaksBytes: [], farMore: 1, hours: [] };
    };
    const one = Object.defineProperty(suggestion({ recommendation: { learning } }), 'evidence', {
      enumerable: true,
      get,
    });
    const [item] = withLittleSeen(suggestions([one])).items;
    assert.equal(computed, 0);
    assert.equal(item?.evidence?.usedBytes, 1);
    assert.equal(computed, 1);
  });
});
