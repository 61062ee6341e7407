/**
 * Attacks the agent over the network, on a node of 250 pods, with the flags of the image. The tests print figures. They
 * assert that the agent stays alive, answers its probes, goes on sampling, and stays below the chart's memory limit.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { bundle } from '../../image/bundle.ts';
import { parseQuantity } from '../../src/model/bytes.ts';
import { lastStage } from '../cluster/images/dockerfile.ts';
import { ask, isWhole } from '../http/strangers.ts';
import { Cleanup } from './machine/cleanup.ts';
import { endProcesses, until } from './machine/command.ts';
import { type Agent, startAgent } from './realmem/agent.ts';
import { layFullNode } from './realmem/full-node.ts';

const attacker = fileURLToPath(new URL('realmem/attacker.ts', import.meta.url));

/** Set it to test another bundle. */
const givenBundle = process.env['REALMEM_BUNDLE'];

interface Attack {
  readonly kind: 'pipeline' | 'scrapes' | 'silent' | 'slow' | 'drip' | 'reconnect';
  readonly count: number;
  readonly seconds: number;
  /** What the attacker must print. */
  readonly found?: object;
}

const attacks: readonly Attack[] = [
  { kind: 'pipeline', count: 60, seconds: 0, found: { answers: 1, whole: true } },
  { kind: 'scrapes', count: 50, seconds: 0, found: { whole: 50 } },
  { kind: 'silent', count: 9_900, seconds: 10 },
  { kind: 'silent', count: 10_000, seconds: 10 },
  { kind: 'slow', count: 200, seconds: 10 },
  { kind: 'drip', count: 60, seconds: 10, found: { answered: 0 } },
  { kind: 'reconnect', count: 10_000, seconds: 60 },
];

const { resources } = parse(
  fs.readFileSync(new URL('../../charts/realmem/values.yaml', import.meta.url), 'utf8'),
) as { readonly resources: { readonly limits: { readonly memory: string } } };
const limit =
  parseQuantity(resources.limits.memory) ?? assert.fail('charts/realmem/values.yaml has no memory limit');

test('the agent under attack', { timeout: 900_000 }, async (t) => {
  const cleanup = new Cleanup(t);
  const directory = cleanup.directory();
  const arguments_ = layFullNode(directory);
  const dist = givenBundle ?? path.join(directory, 'dist');
  if (givenBundle === undefined) await bundle(dist);
  const { entrypoint, env } = lastStage(
    fs.readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8'),
  );
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const node = [...variables, process.execPath, ...entrypoint.slice(1, -1)];
  // A low limit of descriptors: clients could leave none for reading cgroups.
  const script = 'ulimit -n 1600 && exec env "$@"';
  const launch = ['sh', '-c', script, 'sh', ...node, `${dist}/realmem.mjs`] as const;

  for (const attack of attacks)
    await t.test(
      `stays within its limit and answers its probes under ${attack.count} clients of kind ${attack.kind}`,
      async (t) => {
        const kept = ['--history-dir', path.join(directory, 'history'), '--report-dir', 'off'];
        const agent = await startAgent(cleanup, [...arguments_, ...kept, '--period', '5s'], { launch });
        await agent.untilReady();
        const before = await stateOf(agent);
        const probes = await underAttack(t, cleanup, agent, attack);
        const after = await stateOf(agent);
        t.diagnostic(JSON.stringify({ ...attack, before, after, probes }));
        assert.ok(after.peakBytes < limit, `peak ${after.peakBytes} bytes, limit ${limit} bytes`);
        // The kubelet kills a container after three failed probes in a row.
        assert.ok(probes.mostMissed < 3, JSON.stringify(probes));
        if (attack.seconds > 10)
          assert.ok(after.passes > before.passes, 'the agent made no pass under attack');
        await until(
          'all connections to close',
          () => descriptorsOf(agent) <= before.descriptors + 2 || undefined,
        );
        assert.equal(after.readFaults, before.readFaults, 'the agent failed to read files under attack');
        assert.equal((await agent.stop()).code, 0);
      },
    );
});

interface Probes {
  answered: number;
  missed: number;
  mostMissed: number;
  slowestMs: number;
}

/** Requests /healthz every second until the attacker exits. */
async function underAttack(
  t: TestContext,
  cleanup: Cleanup,
  agent: Agent,
  { kind, count, seconds, found }: Attack,
): Promise<Probes> {
  const address = agent.address('probes and metrics');
  const child = spawn(process.execPath, [attacker, address, kind, String(count), String(seconds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanup.add(() => {
    if (child.pid !== undefined && child.exitCode === null) endProcesses([child.pid]);
  });
  const printed: object[] = [];
  const begun = Promise.withResolvers<void>();
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  createInterface({ input: child.stdout }).on('line', (line) => {
    printed.push(JSON.parse(line) as object);
    begun.resolve();
  });
  if (kind === 'scrapes') {
    await begun.promise;
    const probe = await ask(address, '127.0.0.1', '/healthz');
    assert.match(probe, /^HTTP\/1\.1 200/);
    assert.equal(printed.length, 1, 'the scrapes ended before the agent answered the probe');
  }
  const probes: Probes = { answered: 0, missed: 0, mostMissed: 0, slowestMs: 0 };
  let missedNow = 0;
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  do {
    const from = performance.now();
    // The kubelet restarts a container after three failed probes: 30 s.
    const answer = await Promise.race([ask(address, '127.0.0.1', '/healthz'), delay(30_000, 'no answer')]);
    if (/^HTTP\/1\.1 200/.test(answer)) {
      probes.answered++;
      probes.slowestMs = Math.max(probes.slowestMs, Math.round(performance.now() - from));
      missedNow = 0;
    } else {
      probes.missed++;
      missedNow++;
      probes.mostMissed = Math.max(probes.mostMissed, missedNow);
    }
    if (!hasEnded) await Promise.race([ended, delay(1_000)]);
  } while (!hasEnded);
  t.diagnostic(JSON.stringify(printed));
  if (found !== undefined) assert.deepEqual(printed.at(-1), found);
  return probes;
}

const descriptorsOf = ({ pid }: Agent): number => fs.readdirSync(`/proc/${pid}/fd`).length;

/** Memory and descriptors of the agent, and whether it serves its pages. */
async function stateOf(agent: Agent) {
  const text = await ask(agent.address('probes and metrics'), '127.0.0.1', '/metrics');
  assert.ok(isWhole(text));
  const status = fs.readFileSync(`/proc/${agent.pid}/status`, 'utf8');
  const bytesOf = (key: string): number =>
    Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
  return {
    peakBytes: bytesOf('VmHWM'),
    anonymousBytes: bytesOf('RssAnon'),
    descriptors: descriptorsOf(agent),
    passes: Number(/^realmem_passes_total (\d+)$/m.exec(text)?.[1]),
    readFaults: Number(/^realmem_read_faults_total (\d+)$/m.exec(text)?.[1]),
    closed: Object.fromEntries(
      [...text.matchAll(/^realmem_http_connections_closed_total\{reason="(\w+)"\} (\d+)$/gm)].map(
        ([, reason, count]) => [reason, Number(count)],
      ),
    ),
  };
}
