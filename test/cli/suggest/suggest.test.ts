import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { parse } from 'yaml';
import { encodeCheckpoint } from '../../../src/checkpoint/write.ts';
import { renderYaml } from '../../../src/layout/structured.ts';
import { matchesGolden } from '../../golden.ts';
import { tempDir } from '../../temp.ts';
import { day, monday, play } from '../../usage/made/played.ts';
import { run } from '../run.ts';
import { texts } from './nodes.ts';

function histories(test: TestContext): string {
  const directory = tempDir(test);
  for (const [node, text] of texts) fs.writeFileSync(path.join(directory, `${node}.history.json`), text);
  return directory;
}

async function suggest(test: TestContext, ...flags: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(['suggest', '--history', histories(test), ...flags]);
  assert.equal(stderr, '');
  assert.equal(code, 0);
  return stdout;
}

const golden = (name: string): URL => new URL(`goldens/suggest-${name}`, import.meta.url);

describe('realmem suggest', () => {
  it('prints a table of current and suggested values, and what they free', async (test) =>
    matchesGolden(golden('table.txt'), await suggest(test)));

  it('prints the reasons under each row with --why', async (test) =>
    matchesGolden(golden('why.txt'), await suggest(test, '--why')));

  it('prints kubectl commands with -o patch', async (test) =>
    matchesGolden(golden('patch.sh'), await suggest(test, '-o', 'patch')));

  it('prints a report in Markdown with -o markdown: total, table, notes, reasons and commands', async (test) =>
    matchesGolden(golden('report.md'), await suggest(test, 'cart', '-o', 'markdown', '--why')));

  it('prints the commands of -o patch in the Markdown, in a block that no line ends', async (test) => {
    const markdown = await suggest(test, '-o', 'markdown');
    const patch = await suggest(test, '-o', 'patch');
    const [, fence = '', block = ''] = /^(`{3,})sh\n(.*?)^\1$/ms.exec(markdown) ?? [];
    assert.ok(patch.endsWith(block) && block.includes('\nkubectl '), block);
    assert.ok(!block.includes(fence));
    const rows = (await suggest(test, '--no-headers')).trimEnd().split('\n').length;
    assert.equal(markdown.split('\n').filter((line) => line.startsWith('| shop |')).length, rows);
  });

  it('prints the same items as JSON and YAML, and as many rows as CSV', async (test) => {
    const json = JSON.parse(await suggest(test, '-o', 'json')) as { items: { workload: string }[] };
    assert.deepEqual(parse(await suggest(test, '-o', 'yaml')), json);
    const csv = await suggest(test, '-o', 'csv');
    assert.equal(csv.trimEnd().split('\n').length, json.items.length + 1);
    const report = json.items.find(({ workload }) => workload === 'CronJob/report');
    matchesGolden(golden('report.yaml'), renderYaml(report ?? {}));
  });

  it('explains an empty table by the workload or the confidence that was asked for', async (test) => {
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [
        ['deploy/api'],
        /^No history for deploy\/api\. Did you mean deployment\/api\? Known workloads: cronjob\/report, /,
      ],
      [['sea'], /^No history for sea\. Did you mean statefulset\/search\? /],
      [['nothing-like-it'], /^No history for nothing-like-it\. Known workloads: cronjob\/report, .*, …$/m],
      [['api', '-n', 'elsewhere'], /^No history for api in namespace elsewhere\.$/m],
      [['-n', 'elsewhere'], /^No history in namespace elsewhere: no agent has observed a container/],
      [
        ['--min-confidence', 'high'],
        /^All 9 suggestions have less confidence\. --min-confidence low shows them\./,
      ],
    ];
    for (const [flags, says] of cases) assert.match(await suggest(test, ...flags), says);
  });

  it('selects one workload, with or without its kind, and the workloads of a namespace', async (test) => {
    for (const name of ['deployment/api', 'Deployment/api', 'api']) {
      const lines = (await suggest(test, name, '--no-headers')).trimEnd().split('\n');
      assert.equal(lines.length, 1);
      assert.match(lines[0] ?? '', /Deployment\/api/);
    }
    assert.equal(await suggest(test, '-n', 'elsewhere', '--no-headers'), '');
  });

  it('prints one resize command for each running pod with --in-place', async (test) => {
    const pods = path.join(tempDir(test), 'pods.json');
    const proxy = {
      ...{ name: 'proxy', restartPolicy: 'Always' },
      resources: { requests: { memory: '64Mi' }, limits: { memory: '128Mi' } },
    };
    const owned = (name: string) => ({
      kind: 'Pod',
      metadata: {
        ...{ uid: name, namespace: 'shop', name, labels: { 'pod-template-hash': 'abc' } },
        ownerReferences: [{ kind: 'ReplicaSet', name: 'cart-abc', controller: true }],
      },
      spec: { containers: [{ name: 'web' }], initContainers: [proxy] },
    });
    fs.writeFileSync(
      pods,
      JSON.stringify({ kind: 'List', items: [owned('cart-abc-1'), owned('cart-abc-2')] }),
    );
    const text = await suggest(test, 'cart', '-o', 'patch', '--in-place', '--pods', pods);
    const commands = text.split('\n').filter((line) => line.startsWith('kubectl'));
    assert.equal(commands.length, 2);
    assert.match(
      commands[0] ?? '',
      /^kubectl -n shop patch pod cart-abc-1 --subresource resize --type strategic -p '\{/,
    );
  });

  it('prints a valid shell script without a command for names that contain shell syntax', async (test) => {
    const directory = tempDir(test);
    const evil = "x'; touch /tmp/owned; '\n\u001b[31m$(id)`id`";
    const containers = [
      { pod: evil, workload: `Deployment/${evil}`, real: () => 10 },
      { pod: 'a', workload: 'Deployment/a', container: evil, real: () => 10 },
      { pod: 'b', workload: evil, real: () => 10 },
    ];
    const kept = play(containers, { days: 0.1 }).kept();
    fs.writeFileSync(
      path.join(directory, 'n.history.json'),
      encodeCheckpoint({ node: evil, at: monday + day / 10, ...kept }),
    );
    const { stdout } = await run(['suggest', '--history', directory, '-o', 'patch']);
    assert.ok(
      stdout
        .trimEnd()
        .split('\n')
        .every((line) => line.startsWith('#')),
      stdout,
    );
    const shell = spawnSync('sh', ['-n'], { input: stdout, encoding: 'utf8' });
    assert.equal(shell.status, 0, shell.stderr);
    for (const flags of [[], ['--why'], ['-o', 'yaml'], ['-o', 'json'], ['-o', 'csv']]) {
      const text = (await run(['suggest', '--history', directory, ...flags])).stdout;
      assert.ok(!text.includes('\u001b'), flags.join(' '));
    }
  });

  it('names a history file that it cannot read, and uses the others', async (test) => {
    const directory = histories(test);
    fs.writeFileSync(path.join(directory, 'torn.history.json'), '{"kind":');
    const { code, stdout } = await run(['suggest', '--history', directory]);
    assert.equal(code, 0);
    assert.match(stdout, /Left out: .*torn\.history\.json: expected a history of realmem/);
  });

  it('reads histories in UTF-16, as PowerShell writes them', async (test) => {
    const directory = histories(test);
    const { stdout: expected } = await run(['suggest', '--history', directory]);
    for (const name of fs.readdirSync(directory)) {
      const file = path.join(directory, name);
      fs.writeFileSync(file, Buffer.from(`\ufeff${fs.readFileSync(file, 'utf8')}`, 'utf16le'));
    }
    const { code, stdout } = await run(['suggest', '--history', directory]);
    assert.deepEqual([code, stdout], [0, expected]);
  });

  it('exits with 3 without a history, with 2 on wrong arguments, and says what is missing', async (test) => {
    const empty = tempDir(test);
    const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
      [
        ['--history', empty],
        3,
        /expected the history of an agent, got no file \*\.history\.json; run `realmem agent`/,
      ],
      [['--history', `${empty}/none`], 2, /expected a file or a directory/],
      [['--in-place', '--history', empty], 2, /--in-place goes with -o patch/],
      [['-o', 'patch', '--in-place', '--history', empty], 2, /pass --pods or --kubeconfig/],
      [['-o', 'xml'], 2, /expected one of table, json, yaml, csv, patch/],
    ];
    for (const [flags, wanted, says] of cases) {
      const { code, stderr } = await run(['suggest', ...flags]);
      assert.equal(code, wanted, stderr);
      assert.match(stderr, says);
    }
  });
});
