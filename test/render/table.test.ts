import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { groupings } from '../../src/render/row.ts';
import { type SortKey, sortKeys } from '../../src/render/sort-rows.ts';
import { renderTable, type TableOptions } from '../../src/render/table.ts';
import { containerOf, nodeOf, otherOf, podOf, recorded, reportOf } from '../report/reports.ts';

const options: TableOptions = { by: 'container', wide: false, headers: true, all: false, sortBy: 'real' };
const lines = (report: Parameters<typeof renderTable>[0], more: Partial<TableOptions> = {}): string[] =>
  renderTable(report, { ...options, ...more }).split('\n');

const Mi = 1024 ** 2;

describe('the table', () => {
  const report = recorded('kubernetes-v1');

  it('shows the figures of kubectl top and docker stats next to real', () => {
    const [head, first] = lines(report);
    assert.match(head ?? '', /^NAMESPACE +POD +CONTAINER +REAL +LIMIT +REAL% +KUBECTL-TOP +DOCKER-STATS$/);
    assert.match(first ?? '', /^data +postgres-0 +postgres +221Mi +1Gi +21\.55% +920Mi +89\.92%$/);
  });

  for (const by of groupings)
    it(`by ${by} of a node with pods fits into 120 columns, footer included`, () => {
      for (const line of lines(report, { by })) assert.ok([...line].length <= 120, line);
    });

  it('has a footer with the node, its real memory, and the number of hidden rows', () => {
    const foot = lines(report).slice(-5);
    assert.match(foot[1] ?? '', /^NODE kubernetes-v1 {3}cgroup v1 {3}Linux \S+ {3}\S+Z$/);
    assert.match(
      foot[2] ?? '',
      /^REAL 654Mi of 23\.5Gi \(3%\) {3}USED with cache 2\.7Gi \(11%\) {3}AVAILABLE 22\.8Gi$/,
    );
    assert.match(foot[3] ?? '', /^6 hidden: services, slices and sandboxes/);
    assert.equal(foot[4], '');
  });

  it('hides nothing with --all', () =>
    assert.ok(!lines(report, { all: true }).some((line) => / hidden: /.test(line))));

  it('shows more figures with -o wide', () =>
    assert.match(
      lines(report, { wide: true })[0] ?? '',
      / DOCKER-STATS +USAGE +CACHE +SHMEM +RSS +KERNEL +SWAP +REQUEST +PEAK +OOMS$/,
    ));

  it('with --no-headers has only rows', () => {
    const bare = renderTable(report, { ...options, headers: false });
    assert.doesNotMatch(bare, /NAMESPACE|NODE/);
    assert.equal(bare.split('\n').length, lines(report).indexOf(''));
  });

  it('marks real with ≥ if it is a lower bound, for containers, pods and namespaces', () => {
    const figures = { namespace: 'shop', realBytes: 5 * Mi, clamped: true } as const;
    const report = reportOf({
      containers: [containerOf(figures)],
      pods: [podOf(figures), podOf({ ...figures, uid: 'b' })],
    });
    assert.match(lines(report)[1] ?? '', / ≥5Mi /);
    assert.match(lines(report, { by: 'pod' })[1] ?? '', / ≥5Mi /);
    assert.match(lines(report, { by: 'namespace' })[1] ?? '', / ≥10Mi /);
  });

  it('of pods sums KUBECTL-TOP over containers, without the sandbox and volumes', () => {
    const pods = [podOf({ namespace: 'shop', workingSetBytes: 300 * Mi })];
    const containers = [
      containerOf({ workingSetBytes: 1.5 * Mi }),
      containerOf({ workingSetBytes: 1.5 * Mi }),
      containerOf({ type: 'sandbox', workingSetBytes: 5 * Mi }),
    ];
    for (const by of ['pod', 'workload', 'namespace'] as const)
      assert.match(lines(reportOf({ pods, containers }), { by })[1] ?? '', / 3Mi +-$/);
    const unknown = [...containers, containerOf()];
    assert.match(lines(reportOf({ pods, containers: unknown }), { by: 'pod' })[1] ?? '', / - +-$/);
    assert.match(lines(reportOf({ pods }), { by: 'pod' })[1] ?? '', / - +-$/);
  });

  it('names the ZFS cache and huge pages in the real memory of the node', () => {
    const Gi = 1024 ** 3;
    const node = nodeOf({
      ...{ totalBytes: 300 * Gi, usedBytes: 200 * Gi, realUsedBytes: 150 * Gi, zfsCacheBytes: 16 * Gi },
      ...{ zfsCacheDroppableBytes: 14 * Gi, hugePagesBytes: 100 * Gi, hugePagesUsedBytes: 0 },
    });
    assert.ok(
      lines(reportOf({ node })).includes(
        'REAL includes 16Gi ZFS cache (14Gi can be dropped), and 100Gi set aside for huge pages, 0 in use',
      ),
    );
  });

  it('in wide format adds up the parts of real, and subtracts a negative part', () => {
    const parts = { podsBytes: 5, podsRestBytes: 0, systemBytes: 8, restBytes: -3 };
    const partsOf = (more: object): string | undefined =>
      lines(reportOf({ node: nodeOf({ parts, ...more } as Parameters<typeof nodeOf>[0]) }), {
        wide: true,
      })[3];
    assert.equal(
      partsOf({ realUsedBytes: 10 }),
      'REAL by cgroup 10 = pods 5 + outside pods 8 − kernel and root 3',
    );
    assert.equal(partsOf({}), 'REAL by cgroup pods 5 + outside pods 8 − kernel and root 3');
  });

  it('shows absent figures as -', () => {
    const [, row] = lines(reportOf({ containers: [containerOf({ realBytes: 5 * Mi })] }));
    assert.match(row ?? '', /^- +uid +0123456789ab \(container\) +5Mi +- +- +- +-$/);
  });

  it("shows DOCKER-STATS as a share of the host's memory if there is no limit", () => {
    const containers = [containerOf({ workingSetBytes: 50 })];
    assert.match(lines(reportOf({ containers, node: nodeOf() }))[1] ?? '', / 5\.00%$/);
  });
});

describe('a limit that is memory.high', () => {
  const one = { name: 'main', pod: 'cart', namespace: 'shop', realBytes: 100 * 2 ** 20 };
  const high = { ...one, highBytes: 200 * 2 ** 20, limitBytes: 400 * 2 ** 20 };
  const tableOf = (more: Parameters<typeof containerOf>[0], wide = false): string =>
    renderTable(reportOf({ containers: [containerOf({ ...high, ...more })] }), {
      ...{ by: 'container', all: true, sortBy: 'real', headers: true, wide },
    });

  it('is the LIMIT if it is below memory.max, and the wide table marks it', () => {
    assert.match(tableOf({}), /100Mi +200Mi +50\.00%/);
    assert.match(tableOf({}, true), /100Mi +200Mi \(high\) +50\.00%/);
  });

  it('is not the LIMIT if memory.max is as low or lower', () => {
    for (const limitBytes of [100, 200])
      assert.match(
        tableOf({ limitBytes: limitBytes * 2 ** 20 }, true),
        new RegExp(` ${limitBytes}Mi +\\d+\\.00%`),
      );
  });

  it('puts a row with the verdict Throttled into the footer', () => {
    const says = /THROTTLED at memory\.high: shop\/cart\/main \(see realmem explain TARGET\)/;
    assert.match(tableOf({ verdict: 'Throttled' }), says);
    assert.doesNotMatch(tableOf({ verdict: 'OK', highEvents: 9, psiSomeAvg60: 50 }), /THROTTLED/);
  });

  it('puts a row without a verdict into the footer if it has events and waits or real is at 90 %', () => {
    assert.match(tableOf({ highEvents: 9, psiSomeAvg60: 50 }), /THROTTLED/);
    assert.match(tableOf({ highEvents: 9, realBytes: 180 * 2 ** 20 }), /THROTTLED/);
    assert.doesNotMatch(tableOf({ highEvents: 9, psiSomeAvg60: 4 }), /THROTTLED/);
    assert.doesNotMatch(tableOf({ highEvents: 0, psiSomeAvg60: 50 }), /THROTTLED/);
  });

  it('keeps a row out of the footer if no process waited for a minute, even if real is near', () =>
    assert.doesNotMatch(tableOf({ highEvents: 9, psiSomeAvg60: 0, realBytes: 190 * 2 ** 20 }), /THROTTLED/));

  it('puts a row into the footer if usage is above memory.high and the kernel counts no events', () => {
    const above = { realBytes: 190 * 2 ** 20, usageBytes: 201 * 2 ** 20 };
    assert.match(tableOf(above), /THROTTLED/);
    assert.doesNotMatch(tableOf({ ...above, usageBytes: 150 * 2 ** 20 }), /THROTTLED/);
    assert.doesNotMatch(tableOf({ ...above, highFrom: '/pod' }), /THROTTLED/);
  });

  it('names a pod at its own memory.high only if none of its containers is throttled', () => {
    const pod = podOf({ namespace: 'shop', name: 'cart', cgroup: '/p', highBytes: 10, highEvents: 9 });
    const says = (container: Parameters<typeof containerOf>[0]): string =>
      renderTable(
        reportOf({
          pods: [podOf({ ...pod, psiSomeAvg60: 50 })],
          containers: [containerOf({ ...high, cgroup: '/p/c', ...container })],
        }),
        { by: 'container', all: false, sortBy: 'real', headers: true, wide: false },
      );
    assert.match(says({}), /THROTTLED at memory\.high: shop\/cart \(see realmem/);
    assert.match(says({ verdict: 'Throttled' }), /THROTTLED at memory\.high: shop\/cart\/main \(see realmem/);
  });
});

describe('a condition that is not true', () => {
  const wrong = (type: string, status: 'True' | 'False') => ({
    type,
    status,
    reason: 'R',
    message: `${type} says why`,
  });

  it('has its message in the footer, after the number of skipped cgroups', () => {
    const conditions = [wrong('Complete', 'False'), wrong('Other', 'True')];
    const text = lines(reportOf({ conditions, skipped: [{ cgroup: '/x', why: 'y' }] }));
    assert.ok(text.includes('Complete says why'));
    assert.ok(!text.includes('Other says why'));
    assert.ok(text.includes('1 cgroup skipped or partly unread (-o yaml says why)'));
  });

  it('has its message in the footer for NamesFresh only if there are pods', () => {
    const conditions = [wrong('NamesFresh', 'False')];
    assert.ok(lines(reportOf({ conditions, pods: [podOf()] })).includes('NamesFresh says why'));
    assert.ok(!lines(reportOf({ conditions })).includes('NamesFresh says why'));
  });
});

describe('a report without figures', () => {
  it('is the reason for the empty table and the name of the node', () =>
    assert.deepEqual(lines(reportOf()), ['No matching rows.', 'NODE node-1', '']));

  it('shows REAL as - if the real memory of the node is unknown', () =>
    assert.equal(lines(reportOf({ node: nodeOf() }))[2], 'REAL -   USED with cache 600 (60%)'));
});

describe('rows with --sort-by', () => {
  const others = [
    otherOf({
      cgroup: '/b',
      name: 'b',
      realBytes: 3,
      limitBytes: 10,
      usageBytes: 5,
      workingSetBytes: 4,
      requestBytes: 9,
    }),
    otherOf({ cgroup: '/a', name: 'a', realBytes: 2, limitBytes: 30, usageBytes: 6, workingSetBytes: 5 }),
    otherOf({
      cgroup: '/c',
      name: 'c',
      realBytes: 1,
      limitBytes: 0,
      usageBytes: 0,
      workingSetBytes: 0,
      requestBytes: 0,
    }),
    otherOf({ cgroup: '/d', name: 'd' }),
  ];
  const order: Readonly<Record<SortKey, string>> = {
    real: 'bacd',
    memory: 'bacd',
    'real%': 'bacd',
    peak: 'abcd',
    headroom: 'cbad',
    ooms: 'abcd',
    limit: 'abcd',
    usage: 'abcd',
    'working-set': 'abcd',
    request: 'bcad',
    name: 'abcd',
  };
  for (const sortBy of sortKeys)
    it(`${sortBy} come in that order, and rows without the figure last`, () => {
      const shown = lines(reportOf({ others }), { sortBy, headers: false }).slice(0, -1);
      assert.equal(shown.map((line) => line.split(/ +/)[1]).join(''), order[sortBy]);
    });
});

describe('a table for a terminal with few lines', () => {
  const others = Array.from({ length: 20 }, (_, index) =>
    otherOf({ cgroup: `/${index}`, name: `n${index}`, realBytes: 100 - index }),
  );
  const report = reportOf({ others });

  it('has the first rows, and says how many rows are hidden', () => {
    const shown = lines(report, { lines: 10 });
    assert.equal(shown.length - 1, 10);
    assert.equal(shown.filter((line) => /^service/.test(line)).length, 6);
    assert.ok(shown.includes('14 rows hidden; make the window taller or use --no-headers | less'));
    assert.match(shown[1] ?? '', / n0 /);
  });

  it('has all rows if they fit', () => assert.deepEqual(lines(report, { lines: 40 }), lines(report)));

  it('has one row even if none fits', () =>
    assert.equal(lines(report, { lines: 1 }).filter((line) => /^service/.test(line)).length, 1));
});
