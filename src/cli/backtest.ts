/** `realmem backtest FILE...`: how much memory each recommender would have wasted, and how many OOM kills it would have caused. */

import {
  type BacktestFile,
  type BacktestOptions,
  backtest,
  checkPolicyNames,
  policyNames,
  seriesLimit,
  unitNames,
} from '../backtest/backtest.ts';
import { renderBacktestSvg } from '../backtest/plot.ts';
import { renderBacktest, renderBacktestJson } from '../backtest/render.ts';
import type { Io } from '../edges/process.ts';
import { LocatedErrors, UsageError } from '../model/located-error.ts';
import { quoted } from '../model/text.ts';
import { daySeconds } from '../model/time.ts';
import { type Command, ExitCode } from './command.ts';
import { flagOneOf, type Parsed, parseFlags, wordOf } from './flags.ts';

const forms = ['table', 'json', 'svg'] as const;
const updates = ['daily', 'hourly'] as const;
const samplings = ['native', '60', '300'] as const;

export const command: Command = {
  name: 'backtest',
  takes: 'FILE...',
  about: 'replay recorded memory under recommenders of limits: compare unused memory and OOM kills',
  flags: {
    unit: flagOneOf(unitNames, 'unit of the values; ratio 1 is 64 GiB (MiB)'),
    step: { takes: 'SECONDS', about: 'time between rows, for files without times' },
    limits: { takes: 'FILE', about: 'CSV of the limits that people had set: columns series and limit' },
    policy: { takes: 'NAMES', about: `policies to run, separated by commas (${policyNames.join(', ')})` },
    margins: { takes: 'NUMBERS', about: 'margins to run, separated by commas (the frontier of each policy)' },
    update: flagOneOf(updates, 'how often each policy sets its limit (daily)'),
    'warm-up': {
      takes: 'HOURS',
      about: 'time to observe before the first limit (168; 6 with --update hourly)',
    },
    censored: { about: 'cap usage at the limit in what policies see, because the kernel kills there' },
    sampling: flagOneOf(samplings, 'sampling interval in seconds; native is as recorded (native)'),
    floors: {
      about: 'let VPA and KRR recommend no less than their default minimum: 250 MiB and 100 MB',
    },
    rates: {
      takes: 'NUMBERS',
      about: 'compare at these rates of OOM kills per container and day (0.01,0.034,0.1)',
    },
    resamples: { takes: 'NUMBER', about: 'bootstrap resamples for the confidence intervals (400)' },
    seed: { takes: 'NUMBER', about: 'seed of the resamples (1)' },
    output: flagOneOf(
      forms,
      'output format; json has an entry per policy and margin, svg draws the frontiers (table)',
      'o',
    ),
  },
  examples: [
    'realmem backtest memory.csv --unit MiB',
    'realmem backtest memory.csv --update hourly --censored -o json',
    'realmem backtest *.csv.gz --unit KiB -o svg > frontiers.svg',
  ],
  run,
};

const mostFiles = 10_000;

async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const { values, switches, positionals } = parseFlags(command.flags, args, mostFiles);
  if (positionals.length === 0)
    throw new UsageError('FILE is required: realmem backtest FILE... (- is standard input)');
  const options = optionsOf(values, switches, io);
  const found = backtest(backtestFiles(positionals, io), options);
  const form = wordOf(values['output'], forms, 'table');
  const render = { table: renderBacktest, json: renderBacktestJson, svg: renderBacktestSvg }[form];
  await io.output.write(render(found));
  return ExitCode.done;
}

/** Reads a file only after the one before it is parsed. */
function* backtestFiles(names: readonly string[], io: Io): Generator<BacktestFile> {
  for (const name of names) yield { name, text: io.readText(name, seriesLimit) };
}

function optionsOf(values: Parsed['values'], switches: ReadonlySet<string>, io: Io): BacktestOptions {
  const faults: string[] = [];
  const numbers = (flag: string, text: string, least: number): number[] =>
    text.split(',').map((part) => {
      const value = part.trim() === '' ? Number.NaN : Number(part);
      if (!(value >= least))
        faults.push(`--${flag}: expected a number of at least ${least}, got ${quoted(part)}`);
      return value;
    });
  const one = (flag: string, otherwise: string, least: number): number =>
    numbers(flag, values[flag] ?? otherwise, least)[0] ?? least;
  const hourly = wordOf(values['update'], updates, 'daily') === 'hourly';
  const policies = values['policy']?.split(',');
  const sampling = wordOf(values['sampling'], samplings, 'native');
  const options = {
    unit: wordOf(values['unit'], unitNames, 'MiB'),
    step: values['step'] === undefined ? undefined : one('step', '1', 0.001),
    limits:
      values['limits'] === undefined
        ? undefined
        : { name: values['limits'], text: io.readText(values['limits'], seriesLimit) },
    policies,
    margins: values['margins'] === undefined ? undefined : numbers('margins', values['margins'], -100),
    updateSeconds: hourly ? 3600 : daySeconds,
    warmUpSeconds: 3600 * one('warm-up', hourly ? '6' : '168', 0),
    censored: switches.has('censored'),
    sampling: sampling === 'native' ? undefined : Number(sampling),
    floors: switches.has('floors'),
    rates: numbers('rates', values['rates'] ?? '0.01,0.034,0.1', 0),
    resamples: one('resamples', '400', 0),
    seed: one('seed', '1', 0),
  };
  if (faults.length > 0) throw new LocatedErrors(faults);
  if (policies !== undefined) checkPolicyNames(policies);
  return options;
}
