/** `realmem backtest FILE...`: which recommender would have wasted how much, and been killed how often. */
import {
  type BacktestFile,
  type BacktestOptions,
  backtest,
  checkPolicies,
  policyNames,
  seriesLimit,
  unitNames,
} from '../backtest/backtest.ts';
import { renderBacktestSvg } from '../backtest/plot.ts';
import { renderBacktest, renderBacktestJson } from '../backtest/render.ts';
import type { Io } from '../edges/process.ts';
import { LocatedErrors } from '../model/located-error.ts';
import { quoted } from '../model/text.ts';
import { type Command, ExitCode, UsageError } from './command.ts';
import { oneOf, type Parsed, parseFlags, wordOf } from './flags.ts';

const forms = ['table', 'json', 'svg'] as const;
const updates = ['daily', 'hourly'] as const;
const samplings = ['native', '60', '300'] as const;

export const command: Command = {
  name: 'backtest',
  takes: 'FILE...',
  about:
    'recommenders of memory limits on recorded series: what each would have wasted, and how often killed',
  flags: {
    unit: oneOf(unitNames, 'of the figures (MiB); of a ratio, 1 is 64 GiB'),
    step: { takes: 'SECONDS', about: 'from one line to the next, for files without times' },
    limits: { takes: 'FILE', about: 'limits set by hand: columns series and limit' },
    policy: { takes: 'NAMES', about: `only these: ${policyNames.join(',')}` },
    margins: { takes: 'NUMBERS', about: 'only these margins, instead of each policy’s frontier' },
    update: oneOf(updates, 'how often limits are set anew (daily)'),
    'warm-up': { takes: 'HOURS', about: 'watched before the first limit (168; with hourly updates 6)' },
    censored: { about: 'what is above a limit is seen as the limit: the container died there' },
    sampling: oneOf(samplings, 'seconds; native: as recorded (native)'),
    floors: {
      about: 'VPA and KRR with the least that they recommend unless told otherwise: 250 MiB, 100 MB',
    },
    rates: { takes: 'NUMBERS', about: 'OOM kills per container and day to compare at (0.01,0.034,0.1)' },
    resamples: { takes: 'NUMBER', about: 'of the series, for the intervals (400)' },
    seed: { takes: 'NUMBER', about: 'of the resamples (1)' },
    output: oneOf(forms, 'json: an entry for each policy and margin; svg: their frontiers', 'o'),
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
    throw new UsageError('backtest needs a file of series: realmem backtest FILE... (- is standard input)');
  const options = optionsOf(values, switches, io);
  const found = backtest(filesOf(positionals, io), options);
  const form = wordOf(values['output'], forms, 'table');
  const render = { table: renderBacktest, json: renderBacktestJson, svg: renderBacktestSvg }[form];
  await io.output.write(render(found));
  return ExitCode.done;
}

/** Each is read when the one before it has been taken. */
function* filesOf(names: readonly string[], io: Io): Generator<BacktestFile> {
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
    updateSeconds: hourly ? 3600 : 86_400,
    warmUpSeconds: 3600 * one('warm-up', hourly ? '6' : '168', 0),
    censored: switches.has('censored'),
    sampling: sampling === 'native' ? undefined : Number(sampling),
    floors: switches.has('floors'),
    rates: numbers('rates', values['rates'] ?? '0.01,0.034,0.1', 0),
    resamples: one('resamples', '400', 0),
    seed: one('seed', '1', 0),
  };
  if (faults.length > 0) throw new LocatedErrors(faults);
  if (policies !== undefined) checkPolicies(policies);
  return options;
}
