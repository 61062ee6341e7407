import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Cluster } from '../../src/agent/cluster.ts';
import { type Outputs, sinksOf } from '../../src/agent/outputs.ts';
import type { Config } from '../../src/agent/settings.ts';
import { openNode } from '../../src/agent/source.ts';
import { tick } from '../../src/agent/tick.ts';
import { KeptHistory } from '../../src/checkpoint/kept-history.ts';
import type { NodeReport } from '../../src/model/report.ts';
import { tempDir } from '../temp.ts';

const kubernetes = new URL('../../fixtures/hosts/kubernetes-v1/root', import.meta.url).pathname;

const off: Config = {
  ...{ root: '/', periodMs: 5_000, reportPeriodMs: 5_000, publishPeriodMs: 60_000 },
  ...{ resource: false, configMap: false, annotations: false, annotationPeriodMs: 600_000 },
  ...{ annotationNamespaces: { excluded: ['kube-system'] } },
  ...{ allowUnguardedWrites: false, history: false, historyPeriodMs: 3_600_000 },
  ...{ historyDir: 'off', output: 'off', reportDir: 'off', probeAddress: 'off', reportAddress: 'off' },
  ...{ metricsAuth: false, logLevel: 'info' },
};

class Screen {
  readonly isTerminal: boolean;
  readonly lines: number | undefined;
  readonly columns: number | undefined;
  text = '';

  constructor(lines?: number) {
    this.isTerminal = lines !== undefined;
    this.lines = lines;
    this.columns = lines === undefined ? undefined : 200;
  }

  async write(text: string): Promise<void> {
    this.text += text;
  }
}

const outputsOf = (config: Partial<Config>, rest: Partial<Outputs> = {}): Outputs => ({
  config: { ...off, ...config },
  output: new Screen(),
  cluster: undefined,
  node: 'node-1',
  kept: new KeptHistory({ node: 'node-1', now: () => 0 }),
  once: false,
  wallClock: () => 0,
  servedAt: () => undefined,
  troubles: () => [],
  ...rest,
});

async function reportOf(test: TestContext): Promise<NodeReport> {
  const node = openNode({ root: kubernetes }, []);
  test.after(() => node.host.close());
  return (await tick(node, 0, true)).report ?? assert.fail('no report');
}

/** What the first sink prints for one report. */
async function printed(test: TestContext, outputs: Outputs & { readonly output: Screen }): Promise<string> {
  const [sink] = await sinksOf(outputs);
  await sink?.write(await reportOf(test));
  return outputs.output.text;
}

/** A cluster that no one may touch. */
const untouchable = new Proxy({} as Cluster, {
  get: (_, name) => assert.fail(`the cluster was asked for ${String(name)}`),
});

describe('sinksOf', () => {
  it('opens nothing if everything is off', async () => assert.deepEqual(await sinksOf(outputsOf({})), []));

  it('opens standard output, the report file and the history file, in this order', async (test) => {
    const directory = tempDir(test);
    const sinks = await sinksOf(outputsOf({ output: 'json', reportDir: '/reports', historyDir: directory }));
    test.after(() => Promise.all(sinks.map((sink) => sink.close())));
    assert.deepEqual(
      sinks.map(({ name }) => name),
      ['standard output', 'report file', 'history file'],
    );
  });

  it('opens only standard output for a single report, and touches neither directories nor the cluster', async (test) => {
    const directory = path.join(tempDir(test), 'none');
    const config = { output: 'json', reportDir: directory, historyDir: directory, resource: true } as const;
    const sinks = await sinksOf(outputsOf(config, { once: true, cluster: untouchable }));
    assert.deepEqual(
      sinks.map(({ name }) => name),
      ['standard output'],
    );
    assert.ok(!fs.existsSync(directory));
  });

  it('skips a report while the last one is still being printed', async (test) => {
    const report = await reportOf(test);
    const { promise, resolve } = Promise.withResolvers<void>();
    const stuck = Object.assign(new Screen(), { write: () => promise });
    const [sink] = await sinksOf(outputsOf({ output: 'json' }, { output: stuck }));
    const first = sink?.write(report);
    await assert.rejects(
      async () => sink?.write(report),
      /standard output: the last report is still being written/,
    );
    resolve();
    await first;
  });

  it('saves the report as YAML, and removes what an earlier write left unfinished', async (test) => {
    const directory = tempDir(test);
    const unfinished = path.join(directory, 'node-1.yaml.01234567.tmp');
    fs.writeFileSync(unfinished, '');
    fs.utimesSync(unfinished, 0, 0);
    const [sink] = await sinksOf(outputsOf({ reportDir: directory }));
    assert.deepEqual(fs.readdirSync(directory), []);
    await sink?.write(await reportOf(test));
    assert.match(fs.readFileSync(path.join(directory, 'node-1.yaml'), 'utf8'), /^kind: NodeMemoryReport$/m);
  });

  it('says which setting to change if the report cannot be saved', async (test) => {
    const directory = path.join(tempDir(test), 'file');
    fs.writeFileSync(directory, '');
    const [sink] = await sinksOf(outputsOf({ reportDir: directory }));
    const report = await reportOf(test);
    await assert.rejects(async () => sink?.write(report), /--report-dir/);
  });
});

describe('sinksOf, for standard output', () => {
  const clear = '\u001b[2J';

  it('redraws a table on a terminal, above a line that says where else to find the report', async (test) => {
    const text = await printed(test, {
      ...outputsOf({ output: 'table', reportDir: '/reports' }, { servedAt: () => '127.0.0.1:9644' }),
      output: new Screen(50),
    });
    assert.ok(text.startsWith(clear));
    assert.match(text, /\nhttp:\/\/127\.0\.0\.1:9644\/ {3}kept in \/reports {3}Ctrl-C ends\n$/);
  });

  it('says only how to end it if nothing is served and saved, below each trouble', async (test) => {
    const text = await printed(test, {
      ...outputsOf({ output: 'wide' }, { troubles: () => ['first', 'second'] }),
      output: new Screen(50),
    });
    assert.match(text, /\nfirst\nsecond\nCtrl-C ends\n$/);
  });

  it('fits table, lines below it and the cursor into the terminal', async (test) => {
    for (const troubles of [[], ['first', 'second']]) {
      const rows = 10 + troubles.length;
      const text = await printed(test, {
        ...outputsOf({ output: 'table' }, { troubles: () => troubles }),
        output: new Screen(rows),
      });
      // The cursor is behind the last line break.
      assert.equal(text.split('\n').length, rows);
      assert.match(text, /rows hidden; make the window taller/);
    }
  });

  it('prints a table without these lines for a single report, and in a pipe', async (test) => {
    const outputs = outputsOf({ output: 'table' }, { troubles: () => ['first'] });
    const once = await printed(test, { ...outputs, once: true, output: new Screen(50) });
    const pipe = await printed(test, { ...outputs, output: new Screen() });
    for (const text of [once, pipe]) {
      assert.match(text, /postgres-0/);
      assert.ok(!text.includes('\u001b['));
      assert.doesNotMatch(text, /Ctrl-C|first/);
    }
  });

  it('prints JSON on a terminal as it is, without these lines', async (test) => {
    const text = await printed(test, { ...outputsOf({ output: 'json' }), output: new Screen(5) });
    assert.equal(JSON.parse(text).kind, 'NodeMemoryReport');
  });
});
