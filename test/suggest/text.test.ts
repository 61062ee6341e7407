import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Suggestion, Suggestions } from '../../src/model/recommendation.ts';
import { renderSuggestions, type SuggestOptions } from '../../src/suggest/text.ts';
import { at, bounded, decider, type Made, MiB, mib, probe, suggestion, suggestions } from './made.ts';

const render = (
  items: readonly Suggestion[],
  options: Partial<SuggestOptions> = {},
  more: Partial<Suggestions> = {},
): string =>
  renderSuggestions(suggestions(items, more), { sortBy: 'name', headers: true, why: false, ...options });
/** The cells of the only row, by heading. */
function cellsOf(made: Made = {}): Readonly<Record<string, string>> {
  const [head = '', row = ''] = render([suggestion(made)]).split('\n');
  const split = (line: string): readonly string[] => line.trim().split(/ {2,}/);
  const cells = split(row);
  return Object.fromEntries(split(head).map((name, index) => [name, cells[index] ?? '']));
}
const footerOf = (
  items: readonly Suggestion[],
  more: Partial<Suggestions> = {},
  options: Partial<SuggestOptions> = {},
): readonly string[] => render(items, options, more).split('\n\n').at(-1)?.trimEnd().split('\n') ?? [];
const learning = { peak: mib(90), request: mib(50), because: ['Too early'] };
const set = (request: number, limit: number) => ({ request: request * MiB, limit: limit * MiB });

describe('a row of the table', () => {
  it('has each cell under its heading', () =>
    assert.deepEqual(cellsOf({ setting: set(300, 200), more: { replicas: 2 } }), {
      ...{ NAMESPACE: 'shop', WORKLOAD: 'Deployment/web', CONTAINER: 'web', RUN: '2' },
      ...{ REQUEST: '300Mi → 100Mi', LIMIT: '200Mi =', FREES: '400Mi', 'RISK NOW': 'too much' },
      ...{ CONFIDENCE: 'medium', HISTORY: '3.0 d' },
    }));

  it('has the values without the probe beside those with it, in a table with a probe', () => {
    const recommendation = { probe };
    assert.equal(cellsOf({ recommendation })['BEFORE PROBE'], '60Mi, 300Mi');
    assert.equal(cellsOf({ recommendation: { probe, learning } })['BEFORE PROBE'], undefined);
    const unused = { ...probe, old: 'age', isAtMost: true, isUnused: true } as const;
    assert.equal(cellsOf({ recommendation: { probe: unused } })['BEFORE PROBE'], undefined);
    const two = [suggestion({ recommendation }), suggestion({ key: { workload: 'Deployment/x' } })];
    assert.match(render(two), /BEFORE PROBE[\s\S]* 60Mi, 300Mi [\s\S]* - /);
  });

  it('has neither namespace nor container on a machine without namespaces', () => {
    const cells = cellsOf({ key: { namespace: '' } });
    assert.deepEqual([cells['NAMESPACE'], cells['CONTAINER']], [undefined, undefined]);
    const both = render([suggestion(), suggestion({ key: { namespace: '' } })]);
    assert.match(both, /^NAMESPACE /);
  });

  it('shows "-" for a value that is neither set nor suggested, and for no risk', () => {
    const cells = cellsOf({ setting: { request: 100 * MiB, pod: { limit: MiB } } });
    assert.deepEqual([cells['LIMIT'], cells['FREES'], cells['RISK NOW']], ['-', '-', '-']);
  });

  it('shows a new value after "-", and two values in mebibytes where three digits are the same', () => {
    assert.equal(cellsOf()['LIMIT'], '- → 200Mi');
    const gib = 1024;
    const recommendation = { limit: bounded(10 * gib + 8, 10 * gib + 5, 11 * gib) };
    assert.equal(cellsOf({ recommendation, setting: set(100, 10 * gib + 2) })['LIMIT'], '10242Mi → 10248Mi');
    assert.equal(cellsOf({ recommendation, setting: set(100, 9 * gib) })['LIMIT'], '9Gi → 10Gi');
  });

  it('shows "=" after a value that stays, and none while learning', () => {
    assert.equal(cellsOf({ setting: set(100, 200) })['REQUEST'], '100Mi =');
    const young = cellsOf({ setting: set(50, 60), recommendation: { learning } });
    assert.deepEqual([young['REQUEST'], young['LIMIT']], ['50Mi', '-']);
    assert.equal(young['CONFIDENCE'], 'learning, peak 90Mi');
  });

  it('shows what is needed instead of freed', () =>
    assert.equal(cellsOf({ setting: set(50, 200) })['FREES'], 'needs 50Mi'));

  it('names init and sidecar containers with their type, and the whole pod', () => {
    assert.equal(cellsOf({ setting: { type: 'init' } })['CONTAINER'], 'web (init)');
    assert.equal(cellsOf({ setting: { type: 'sidecar' } })['CONTAINER'], 'web (sidecar)');
    assert.equal(cellsOf({ key: { container: '' }, more: { isWholePod: true } })['CONTAINER'], '(whole pod)');
  });

  it('has an asterisk for a doubt, and a line that explains it', () => {
    const doubtful = { origin: { nodes: 2, decider: decider() } };
    assert.equal(cellsOf(doubtful)['HISTORY'], '3.0 d *');
    assert.match(
      render([suggestion(doubtful), suggestion()], {}, { nodes: 2 }),
      /^\* One node decides alone \(1 of 2 rows\): -o patch comments the command out/m,
    );
    assert.doesNotMatch(render([suggestion()]), /\* One node/);
  });

  it('shows no control character of a name or a reason', () => {
    const evil = 'a\u001b[31m\nb\u202e';
    const text = render(
      [
        suggestion({
          key: { namespace: evil, workload: evil, container: evil },
          recommendation: { because: [evil] },
        }),
      ],
      { why: true },
      { stale: [evil], faults: [evil] },
    );
    for (const char of ['\u001b', '\u202e']) assert.equal(text.includes(char), false);
    assert.doesNotMatch(text, /^b/m);
  });
});

describe('the table', () => {
  it('has no headings and no footer without headers', () => {
    const text = render([suggestion()], { headers: false });
    assert.match(text, /^shop .*\n$/);
    assert.equal(render([], { headers: false }), '');
  });

  it('has the reasons under each row with --why, with and without headers', () => {
    const two = [
      suggestion(),
      suggestion({ key: { workload: 'Deployment/x' }, recommendation: { learning } }),
    ];
    for (const headers of [true, false]) {
      const lines = render(two, { why: true, headers })
        .split('\n')
        .slice(headers ? 1 : 0);
      assert.match(lines[0] ?? '', /Deployment\/web/);
      assert.deepEqual(lines.slice(1, 3), ['    One reason', '    Another reason.']);
      assert.match(lines[3] ?? '', /Deployment\/x/);
      assert.equal(lines[4], '    Too early');
    }
  });

  it('says with --why that a value stays near another target, unless both look alike or it is learning', () => {
    const why = (made: Made): readonly string[] =>
      render([suggestion(made)], { why: true })
        .split('\n')
        .filter((line) => line.includes('stays at'));
    assert.deepEqual(why({ setting: set(95, 210) }), [
      '    The request stays at 95Mi: it differs from 100Mi by at most 10 %',
      '    The limit stays at 210Mi: it differs from 200Mi by at most 10 %',
    ]);
    assert.deepEqual(why({ setting: set(100.2, 200) }), []);
    assert.deepEqual(why({ setting: set(300, 900) }), []);
    assert.deepEqual(why({}), []);
    assert.deepEqual(why({ setting: set(50, 210), recommendation: { learning } }), []);
  });
});

describe('the footer', () => {
  it('says that a probe is old', () => {
    const old = suggestion({ recommendation: { probe: { ...probe, old: 'roll-out' } } });
    assert.ok(
      footerOf([old, suggestion({ recommendation: { probe } })]).includes(
        'Old probe (1 of 2 rows): from more than 30 days ago, or from before a roll-out. --why names it; probe again.',
      ),
    );
  });

  const freeing = suggestion({ setting: set(300, 200), more: { replicas: 2 } });

  it('has the requests now and then, and their share of the node or the nodes', () => {
    assert.equal(footerOf([freeing])[0], 'REQUESTS 600Mi → 200Mi   FREES 400Mi');
    const capacityBytes = 4000 * MiB;
    assert.match(
      footerOf([freeing], { capacityBytes })[0] ?? '',
      /FREES 400Mi \(10\.0% of the 3\.9Gi of this node\)$/,
    );
    assert.match(footerOf([freeing], { capacityBytes, nodes: 2 })[0] ?? '', /of the 2 nodes\)$/);
    const needing = suggestion({ setting: set(40, 200) });
    assert.match(
      footerOf([needing], { capacityBytes })[0] ?? '',
      /^REQUESTS 40Mi → 100Mi {3}NEEDS 60Mi \(1\.5% /,
    );
    assert.equal(footerOf([suggestion({ setting: set(100, 200) })])[0], 'REQUESTS 100Mi, unchanged');
  });

  it('counts rows that are learning before rows with low confidence', () => {
    const young = suggestion({ recommendation: { learning, confidence: 'low' } });
    const low = suggestion({ recommendation: { confidence: 'low' } });
    assert.match(footerOf([young, low, freeing])[1] ?? '', /^Learning \(1 of 3 rows\): less than a day/);
    assert.doesNotMatch(footerOf([young, low, freeing]).join('\n'), /Low confidence/);
    assert.match(footerOf([low, low, freeing])[1] ?? '', /^Low confidence \(2 of 3 rows\): less than a day/);
    assert.doesNotMatch(footerOf([freeing]).join('\n'), /Learning|Low confidence/);
  });

  it('says how old the histories are, in seconds, minutes or hours, then by the day, and never a negative age', () => {
    const age = (seconds: number): string | undefined =>
      /written (.*)\.$/.exec(footerOf([], { oldestAt: at - seconds })[1] ?? '')?.[1];
    assert.deepEqual([-5, 0, 119, 120, 7199, 7200, 172_799].map(age), [
      '0 s ago',
      '0 s ago',
      '119 s ago',
      '2 min ago',
      '120 min ago',
      '2 h ago',
      '48 h ago',
    ]);
    assert.equal(age(172_800), `on ${new Date((at - 172_800) * 1000).toISOString().slice(0, 10)}`);
    assert.equal(
      footerOf([], { oldestAt: at - 60, nodes: 3 })[1],
      'From the histories of 3 nodes. The oldest was written 60 s ago.',
    );
    assert.equal(footerOf([]).length, 1);
  });

  it('names three stale nodes at most, and three faults', () => {
    const named = (count: number) => Array.from({ length: count }, (_, index) => `n-${index}`);
    const lines = (count: number) => footerOf([], { nodes: 9, stale: named(count), faults: named(count) });
    assert.deepEqual(lines(0).length, 1);
    assert.deepEqual(lines(3).slice(1), [
      'Stale (3 of 9 nodes): no write for 3 hours. Their history counts, their running replicas do not: n-0, n-1, n-2',
      ...['Left out: n-0', 'Left out: n-1', 'Left out: n-2'],
    ]);
    assert.match(lines(5)[1] ?? '', /n-0, n-1, n-2, …$/);
    assert.equal(lines(5).at(-1), 'Left out: 2 more');
  });

  it('names containers that need more so far, three at most, with a command each, in one piece on a narrow terminal', () => {
    const needy = (name: string) =>
      suggestion({
        key: { workload: `Deployment/${name}` },
        setting: set(32, 64),
        recommendation: {
          confidence: 'low',
          learning: {
            peak: mib(61),
            ...{ request: mib(32), limit: mib(64) },
            needs: { request: mib(62), limit: mib(122) },
            because: [],
          },
        },
      });
    const lines = footerOf([needy('a')], {}, { columns: 100 });
    assert.equal(lines[0], 'REQUESTS 32Mi, unchanged');
    assert.equal(
      lines.slice(1, 3).join(' '),
      'shop/Deployment/a/web needs more so far: request at least 62Mi, now 32Mi; limit at least 122Mi, now 64Mi. For its command, run:',
    );
    assert.equal(lines[3], 'kubectl realmem suggest -n shop deployment/a --min-confidence low -o patch');
    for (const line of lines) assert.ok(line.length <= 100, line);
    assert.doesNotMatch(lines.join(' '), /HorizontalPodAutoscalers|-o patch prints/);
    const five = footerOf(['a', 'b', 'c', 'd', 'e'].map(needy)).join('\n');
    assert.equal(five.split('needs more so far').length - 1, 3);
    assert.match(five, /^2 more containers need more so far: --why names them\.$/m);
    assert.doesNotMatch(footerOf([needy('x;id')]).join('\n'), /kubectl realmem/);
  });

  it('ends with what realmem does not see in a cluster, and with the next commands', () => {
    const [quotas, next] = footerOf([freeing]).slice(-2);
    assert.match(quotas ?? '', /^realmem does not see .* -n shop\.$/);
    assert.equal(
      next,
      'realmem applies nothing: -o patch prints the commands to run. --why shows the reasons.',
    );
    assert.doesNotMatch(footerOf([freeing], {}, { why: true }).at(-1) ?? '', /--why/);
    const bare = footerOf([suggestion({ key: { namespace: '' } })]);
    assert.doesNotMatch(bare.join('\n'), /HorizontalPodAutoscalers/);
  });
});

describe('an empty table', () => {
  const says = (asked?: SuggestOptions['asked']): string =>
    footerOf([], {}, asked === undefined ? {} : { asked })[0] ?? '';
  const known = ['deployment/cart', 'deployment/api', 'statefulset/db', 'job/load', 'job/x', 'job/y'];

  it('says that there is no history, in a namespace or at all', () => {
    assert.equal(says(), 'No history: no agent has observed a container or a service yet.');
    assert.equal(
      says({ namespace: 'a\nb', known: [], unsure: 0 }),
      'No history in namespace a\\u000ab: no agent has observed a container or a service there.',
    );
  });

  it('names the confidence that was asked for before anything else', () => {
    const asked = { workload: 'cart', known };
    assert.equal(
      says({ ...asked, unsure: 1 }),
      'The only suggestion has less confidence. --min-confidence low shows it.',
    );
    assert.equal(
      says({ ...asked, unsure: 2 }),
      'All 2 suggestions have less confidence. --min-confidence low shows them.',
    );
  });

  it('lists five known workloads, with an ellipsis only for more', () => {
    assert.equal(says({ workload: 'zzzzzzzz', known: [], unsure: 0 }), 'No history for zzzzzzzz.');
    assert.equal(
      says({ workload: 'zzzzzzzz', known, unsure: 0 }),
      'No history for zzzzzzzz. Known workloads: deployment/cart, deployment/api, statefulset/db, job/load, job/x, …',
    );
    assert.match(says({ workload: 'zzzzzzzz', known: known.slice(0, 5), unsure: 0 }), /job\/x$/);
  });

  it('suggests the same name of another kind, before a name that begins so, before a similar one', () => {
    const near = (workload: string, some = known): string | undefined =>
      /Did you mean (.*?)\?/.exec(says({ workload, known: some, unsure: 0 }))?.[1];
    assert.equal(near('deploy/cart'), 'deployment/cart');
    assert.equal(near('CART'), 'deployment/cart');
    assert.equal(near('ca', ['job/cab', 'job/ca']), 'job/ca');
    assert.equal(near('deploy/ca'), 'deployment/cart');
    assert.equal(near('deployment/apo'), 'deployment/api');
    assert.equal(near('deployment/'), undefined, 'no name begins all names');
    assert.equal(near('other'), undefined);
  });
});
