import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { parse } from 'yaml';
import { widthOf } from '../../src/layout/width.ts';
import { annotationKeys } from '../../src/model/pod.ts';
import { isPrintable } from '../../src/model/text.ts';
import { matchesGolden } from '../golden.ts';
import { run, type Screen } from './run.ts';
import type { Ran } from './running.ts';
import { serveShop, shopLists } from './top/shop.ts';

const reports = '/apis/realmem.dev/v1alpha1/nodememoryreports';
const golden = (name: string): URL => new URL(`top/goldens/${name}.txt`, import.meta.url);
/** Ages of the made reports grow while the test runs. */
const steady = (text: string): string =>
  text
    .replaceAll(/\b[345]\ds\b/g, '..s')
    .replaceAll(/Read at [-\d]+T[\d:.]+Z/g, 'Read at TIME')
    .replaceAll(/\b108\d\d\b/g, '108..')
    .replaceAll(/"?\bat"?: "?20[^\n"]*"?/g, 'at: NOW');

type Lists = Readonly<Record<string, readonly object[] | number>>;

const plugin: Screen = { isPlugin: true };
/** Runs `kubectl realmem top` against the shop. */
const askShop = async (
  test: TestContext,
  args: readonly string[],
  screen: Screen = {},
  lists: Lists = shopLists(),
  env: Readonly<Record<string, string>> = {},
): Promise<Ran & { readonly asked: readonly string[] }> => {
  const { kubeconfig, asked } = await serveShop(test, lists);
  return {
    ...(await run(['top', ...args, '--kubeconfig', kubeconfig], env, { ...plugin, ...screen })),
    asked,
  };
};

const kinds: Readonly<Record<string, readonly string[]>> = {
  containers: [],
  pods: ['pods'],
  workloads: ['workloads'],
  namespaces: ['namespaces'],
  nodes: ['nodes'],
  available: ['nodes', '--available'],
  wide: ['-o', 'wide'],
};

describe('kubectl realmem top on a terminal', () => {
  for (const [name, args] of Object.entries(kinds))
    it(`shows ${name} in 60, 80, 100 and 120 columns, and no line is longer`, async (test) => {
      const { kubeconfig } = await serveShop(test);
      const shown: string[] = [];
      for (const columns of [60, 80, 100, 120]) {
        const screen = { isPlugin: true, isTerminal: true, columns };
        const { code, stdout } = await run(
          ['top', ...args, '--kubeconfig', kubeconfig],
          { NO_COLOR: '1', LANG: 'en_US.UTF-8' },
          screen,
        );
        assert.equal(code, 0);
        for (const line of stdout.split('\n'))
          assert.ok(widthOf(line) <= columns, `${widthOf(line)} cells: ${line}`);
        shown.push(`${columns} columns\n${steady(stdout)}`);
      }
      matchesGolden(golden(name), shown.join('\n'));
    });
});

describe('kubectl realmem top for programs', () => {
  const formats: Readonly<Record<string, readonly string[]>> = {
    csv: ['-o', 'csv'],
    'csv-nodes': ['nodes', '-o', 'csv'],
    tsv: ['workloads', '-o', 'tsv'],
    json: ['pods', '-n', 'data', '-o', 'json'],
    yaml: ['nodes', '-o', 'yaml'],
    name: ['-o', 'name'],
    markdown: ['-o', 'markdown'],
    'custom-columns': ['-o', 'custom-columns=POD:.pod,REAL:.realBytes,VERDICT:.verdict'],
  };
  for (const [name, args] of Object.entries(formats))
    it(`prints ${name}`, async (test) => {
      const { code, stdout, stderr } = await askShop(test, args);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
      matchesGolden(golden(name), steady(stdout));
    });

  it('prints JSON and YAML that say the same', async (test) => {
    const [json, yaml] = await Promise.all(
      ['json', 'yaml'].map(async (format) => parse((await askShop(test, ['-o', format])).stdout)),
    );
    assert.equal(json.items.length, 23);
    assert.deepEqual(yaml.items, json.items);
  });

  it('prints what a JSONPath template asks for', async (test) => {
    const ask = async (template: string): Promise<string> =>
      (await askShop(test, ['pods', '-n', 'shop', '--sort-by', 'name', '-o', `jsonpath=${template}`])).stdout;
    assert.equal(
      await ask('{.items[?(@.realBytes>1000000000)].pod}'),
      'catalog-search-0 checkout-7c9d8b6f54-q2xnl recommendation-engine-canary-5b8f7c6d49-zk4tp',
    );
    assert.equal(
      await ask('{range .items[?(@.oomKills>0)]}{.pod}{"\\t"}{.oomKills}{"\\n"}{end}'),
      'checkout-7c9d8b6f54-q2xnl\t31\n',
    );
  });

  it('refuses a template that is not one, with exit code 2', async (test) => {
    const { code, stdout, stderr } = await askShop(test, ['-o', 'jsonpath={.items[*].pod']);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(
      stderr,
      /^error: -o jsonpath: expected a template such as \{\.items\[\*\]\.pod\}, got a \{ without \}/,
    );
  });

  it('prints only rows with --no-headers', async (test) => {
    for (const args of [[], ['-o', 'csv'], ['-o', 'tsv'], ['-o', 'custom-columns=P:.pod']]) {
      const { stdout } = await askShop(test, ['--no-headers', ...args]);
      assert.equal(stdout.trimEnd().split('\n').length, 23, args.join(' '));
    }
  });

  it('keeps names from being markup, formulas or terminal codes', async (test) => {
    const names = [
      '=cmd()',
      '-1+1',
      '@x',
      '\u001b[31mred',
      '\u202egnp.exe',
      '<script>',
      'a|b`c`',
      'a\tb\nc',
      '"q"',
    ];
    const report = {
      ...(shopLists()[reports]?.[0] as object),
      pods: names.map((name) => ({
        namespace: 'x',
        name,
        real: '1Mi',
        containers: [{ name: 'c', real: '1Mi' }],
      })),
    };
    const lists = { ...shopLists(), [reports]: [report] };
    const shown: string[] = [];
    for (const format of [
      'table',
      'wide',
      'csv',
      'tsv',
      'markdown',
      'name',
      'json',
      'yaml',
      'custom-columns=P:.pod',
      'jsonpath={.items[*].pod}',
    ]) {
      const { code, stdout } = await askShop(test, ['pods', '-o', format, '--sort-by', 'name'], {}, lists);
      assert.equal(code, 0, format);
      assert.ok(isPrintable(stdout.replaceAll(format === 'tsv' ? /[\n\t]/g : '\n', '')), format);
      if (['csv', 'tsv', 'markdown'].includes(format)) shown.push(stdout);
    }
    matchesGolden(golden('hostile'), steady(shown.join('\n')));
  });
});

describe('kubectl realmem top', () => {
  const pods = async (test: TestContext, ...args: readonly string[]): Promise<readonly string[]> => {
    const { code, stdout, stderr } = await askShop(test, ['pods', '-o', 'name', ...args]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    return stdout.trim().split('\n');
  };

  it('lists the pods of one namespace with -n, and of all with -A', async (test) => {
    assert.deepEqual(await pods(test, '-n', 'monitoring'), ['monitoring/prometheus-k8s-1']);
    assert.equal((await pods(test, '-n', 'monitoring', '-A')).length, 18);
  });

  it('omits the column NAMESPACE with -n, but not for namespaces', async (test) => {
    assert.match((await askShop(test, ['pods', '-n', 'data'])).stdout, /^POD /);
    assert.match((await askShop(test, ['namespaces', '-n', 'data'])).stdout, /^NAMESPACE /);
  });

  it('names near namespaces where one has no pods, beside every format, and exits with 0', async (test) => {
    const { code, stdout } = await askShop(test, ['-n', 'shpo']);
    assert.equal(code, 0);
    const says = 'No pods of namespace "shpo" are in any report; did you mean shop?\n';
    assert.ok(
      stdout.startsWith(`${says}NAMESPACE shpo   0 pods on 0 nodes\nCLUSTER 3 nodes   CAPACITY`),
      stdout,
    );
    const listed = await askShop(test, ['-n', 'shpo', '-o', 'json']);
    assert.deepEqual([listed.code, listed.stderr], [0, says]);
    assert.deepEqual(JSON.parse(listed.stdout).items, []);
  });

  it('asks the API server for the pods with the labels of -l', async (test) => {
    const labelled = { metadata: { namespace: 'data', name: 'postgres-0' } };
    const { stdout, asked } = await askShop(
      test,
      ['pods', '-l', 'app=db', '-o', 'name'],
      {},
      {
        ...shopLists(),
        '/api/v1/pods': [labelled],
      },
    );
    assert.equal(stdout, 'data/postgres-0\n');
    assert.ok(asked.some((url) => url.includes('labelSelector=app=db')));
  });

  const first: Readonly<Record<string, string>> = {
    real: 'shop/catalog-search-0/search',
    memory: 'shop/catalog-search-0/search',
    'real%': 'shop/checkout-7c9d8b6f54-q2xnl/server',
    peak: 'shop/catalog-search-0/search',
    limit: 'shop/catalog-search-0/search',
    request: 'shop/catalog-search-0/search',
    usage: 'shop/catalog-search-0/search',
    'working-set': 'shop/catalog-search-0/search',
    headroom: 'shop/sure/main',
    ooms: 'shop/checkout-7c9d8b6f54-q2xnl/server',
    name: 'batch/nightly-report-29411520-8sx5t/report',
  };
  for (const [key, target] of Object.entries(first))
    it(`lists ${target} first with --sort-by ${key}`, async (test) => {
      const { stdout } = await askShop(test, ['-o', 'name', '--sort-by', key]);
      assert.equal(stdout.split('\n')[0], target);
    });

  it('lists the rows of the kinds and aliases that kubectl knows', async (test) => {
    const by = async (...args: readonly string[]): Promise<string> =>
      (await askShop(test, ['-o', 'jsonpath={.by}', ...args])).stdout;
    for (const [kind, words] of Object.entries({
      container: ['containers', 'container', 'CONTAINERS'],
      pod: ['pods', 'pod', 'po'],
      workload: ['workloads', 'workload'],
      namespace: ['namespaces', 'namespace', 'ns'],
      node: ['nodes', 'node', 'no', 'Nodes'],
    })) {
      for (const word of words) assert.equal(await by(word), kind, word);
      assert.equal(await by('--by', kind), kind);
    }
    assert.equal(await by('--available'), 'node');
  });

  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [['pod', '--by', 'node'], /"pod" and --by node contradict each other/],
    [['pods', '--available'], /--available lists nodes; omit "pods"/],
    [['--by', 'pod', '--available'], /--available lists nodes; omit --by pod/],
    [['podz'], /unknown kind "podz"; did you mean pods\?/],
    [['constructor'], /unknown kind "constructor"; expected one of containers, pods/],
    [['pods', 'a', 'b'], /unexpected argument: "b"/],
    [['--sort-by', 'cpu'], /--sort-by: expected one of real, real%/],
    [['-o', 'xml'], /-o: expected one of table/],
    [['-o', 'jsonpath='], /-o: expected one of table/],
    [['--local', '--context', 'a'], /--context reads a cluster, --local reads this machine/],
    [['pods', 'nope'], /pod "nope" not found/],
    [['pods', 'checkuot'], /pod "checkuot" not found/],
    [['-o', 'custom-columns=POD'], /custom-columns: expected HEADING:PATH/],
  ];
  for (const [args, message] of refused)
    it(`refuses ${args.join(' ')} with exit code 2`, async (test) => {
      const { code, stdout, stderr } = await askShop(test, args);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, message);
    });

  it('paints on a terminal, and marks without colours', async (test) => {
    const terminal = { isTerminal: true, columns: 120 };
    const has = async (
      args: readonly string[],
      screen: Screen,
      env: Readonly<Record<string, string>> = {},
    ): Promise<readonly boolean[]> => {
      const { stdout } = await askShop(test, args, screen, shopLists(), env);
      return [stdout.includes('\u001b['), stdout.includes('●')];
    };
    assert.deepEqual(await has([], terminal), [true, true]);
    assert.deepEqual(await has([], terminal, { NO_COLOR: '1' }), [false, true]);
    assert.deepEqual(await has([], terminal, { TERM: 'dumb' }), [false, true]);
    assert.deepEqual(await has(['--color', 'never'], terminal), [false, false]);
    assert.deepEqual(await has([], {}), [false, false]);
    assert.deepEqual(await has(['--color', 'always'], {}), [true, true]);
    const { stdout } = await askShop(test, [], terminal, shopLists(), { LANG: 'C' });
    assert.match(stripVTControlCharacters(stdout), /^!/m);
  });

  it('reads this machine with --local, also as a plugin', async () => {
    const { code, stdout } = await run(
      [
        'top',
        '--local',
        '-o',
        'json',
        '--root',
        new URL('../../fixtures/hosts/kubernetes-v1/root', import.meta.url).pathname,
      ],
      {},
      plugin,
    );
    assert.equal(code, 0);
    assert.match(stdout, /"kind": "NodeReport"|"node"/);
  });

  it('refuses --available and --fresh of this machine', async () => {
    for (const flag of ['--available', '--fresh']) {
      const { code, stderr } = await run(['top', flag, '--local'], {}, plugin);
      assert.equal(code, 2);
      assert.match(stderr, new RegExp(`${flag} needs a cluster`));
    }
  });
});

describe('kubectl realmem top with few rights', () => {
  const without = (changes: Lists): Lists => ({ ...shopLists(), ...changes });

  it('says what it does not know without the right to list nodes', async (test) => {
    const { code, stdout } = await askShop(test, ['nodes'], {}, without({ '/api/v1/nodes': 403 }));
    assert.equal(code, 0);
    matchesGolden(golden('no-right-nodes'), steady(stdout));
  });

  it('does not know missing agents without the right to list DaemonSets', async (test) => {
    const { code, stdout } = await askShop(test, ['nodes'], {}, without({ '/apis/apps/v1/daemonsets': 403 }));
    assert.equal(code, 0);
    matchesGolden(golden('no-right-daemonsets'), steady(stdout));
  });

  it('asks for a namespace without the right to list reports', async (test) => {
    const { code, stdout, stderr } = await askShop(test, [], {}, without({ [reports]: 403 }));
    assert.deepEqual([code, stdout], [3, '']);
    matchesGolden(golden('no-right-reports'), stderr);
  });

  it('reads annotations of the namespace without the right to list reports', async (test) => {
    const figures = {
      at: '2026-01-05T11:00:00Z',
      realBytes: 100_000_000,
      containers: { web: { realBytes: 100_000_000, limitBytes: 104_857_600, verdict: 'NearLimit' } },
    };
    const pod = {
      metadata: {
        ...{ namespace: 'shop', name: 'cart-1', uid: 'u' },
        annotations: { [annotationKeys.report]: JSON.stringify(figures) },
      },
      spec: { nodeName: 'a', containers: [{ name: 'web', resources: { limits: { memory: '100Mi' } } }] },
      status: { phase: 'Running' },
    };
    const { code, stdout } = await askShop(
      test,
      ['-n', 'shop'],
      {},
      without({ [reports]: 403, '/api/v1/namespaces/shop/pods': [pod] }),
    );
    assert.equal(code, 0);
    matchesGolden(golden('annotations'), stdout);
  });

  it('asks whether realmem is installed if the cluster does not know reports', async (test) => {
    const { code, stderr } = await askShop(test, [], {}, without({ [reports]: 404 }));
    assert.equal(code, 3);
    matchesGolden(golden('not-installed'), stderr);
  });

  it('asks whether realmem runs if there is no report', async (test) => {
    const { code, stderr } = await askShop(test, [], {}, without({ [reports]: [] }));
    assert.equal(code, 3);
    matchesGolden(golden('no-reports'), stderr);
  });
});
