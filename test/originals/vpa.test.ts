/** Compares the policy `vpa` with the original recommender, built from its Go module, on recorded series. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { UsageSeries } from '../../src/backtest/policy.ts';
import { parseSeries } from '../../src/backtest/series.ts';
import { VpaContainer } from '../../src/backtest/vpa.ts';

interface Answer {
  readonly at: number;
  readonly target: number;
  readonly lower: number;
  readonly upper: number;
}

const source = path.join(import.meta.dirname, 'go/vpa');
const built = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-vpa-'));
const program = path.join(built, 'vpa');
const hour = 3600;

function run(
  file: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly input?: string },
): string {
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    ...options,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined) throw error;
  assert.equal(status, 0, stderr);
  return stdout;
}

before(() => run('go', ['build', '-trimpath', '-o', program, '.'], { cwd: source }));
after(() => fs.rmSync(built, { recursive: true }));

/** The input of both recommenders: each sample, a query each hour, and a few OOM kills. */
function* events({ times, values }: UsageSeries, kills: boolean) {
  let next = (times[0] ?? 0) + hour;
  for (const [index, at] of times.entries()) {
    const bytes = Math.round(values[index] ?? 0);
    for (; next <= at; next += hour) yield { what: 'ask', at: next } as const;
    yield { what: 'sample', at, bytes } as const;
    // Some OOM kills with a request slightly below usage.
    if (kills && index % 997 === 500) yield { what: 'oom', at, bytes: Math.round(0.9 * bytes) } as const;
  }
}

function original(series: UsageSeries, kills: boolean): readonly Answer[] {
  const lines = ['floor 0', `series ${series.name}`];
  for (const event of events(series, kills))
    lines.push(event.what === 'ask' ? `ask ${event.at}` : `${event.what} ${event.at} ${event.bytes}`);
  return run(program, [], { input: `${lines.join('\n')}\n` })
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer);
}

function ours(series: UsageSeries, kills: boolean): readonly Answer[] {
  const container = new VpaContainer();
  const answers: Answer[] = [];
  for (const event of events(series, kills))
    if (event.what === 'sample') container.addSample(event.at, event.bytes);
    else if (event.what === 'oom') container.recordOom(event.at, event.bytes);
    else
      answers.push({
        at: event.at,
        target: container.target(),
        lower: container.lower(),
        upper: container.upper(),
      });
  return answers;
}

const traces = path.join(import.meta.dirname, '../../fixtures/traces');
for (const file of fs.readdirSync(traces).filter((name) => name.endsWith('.csv')))
  describe(file, () => {
    const text = fs.readFileSync(path.join(traces, file), 'utf8');
    for (const series of parseSeries(file, text, { unit: 'MiB' }))
      for (const kills of [false, true])
        it(`recommends the same as the original for ${series.name} ${kills ? 'with' : 'without'} OOM kills, to a millionth`, () => {
          const theirs = original(series, kills);
          assert.ok(theirs.length > 5, `expected more than 5 answers, got ${theirs.length}`);
          for (const [index, answer] of ours(series, kills).entries())
            for (const what of ['at', 'target', 'lower', 'upper'] as const) {
              const expected = theirs[index]?.[what] ?? Number.NaN;
              assert.ok(
                Math.abs(answer[what] - expected) <= 1 + 1e-6 * expected,
                `${what} at ${answer.at}: ${answer[what]}, the original has ${expected}`,
              );
            }
        });
  });
