/** `realmem probe TARGET`: measures how much page cache a container needs. */
import { settings } from '../agent/settings.ts';
import { openNode } from '../agent/source.ts';
import { now, ticks } from '../edges/clock.ts';
import type { Io } from '../edges/process.ts';
import { formatRounded, parseQuantity } from '../model/bytes.ts';
import { CgroupGone } from '../model/cgroup.ts';
import { LocatedError, LocatedErrors, UsageError } from '../model/located-error.ts';
import { printable, quoted } from '../model/text.ts';
import { rfc3339 } from '../model/time.ts';
import type { SearchOptions } from '../probe/options.ts';
import { timingOf } from '../probe/options.ts';
import { type Allowed, probe, searchOptions } from '../probe/probe.ts';
import { type Progress, progressLine, progressOf, seconds } from '../probe/progress.ts';
import { probeForms, renderProbe } from '../probe/render.ts';
import type { Search } from '../probe/search.ts';
import { findProbed, type ProbedContainer } from '../probe/target.ts';
import { clusterFlags, readsCluster } from './cluster-flags.ts';
import { type Command, ExitCode } from './command.ts';
import { flagOneOf, type Parsed, parseFlags, wordOf } from './flags.ts';
import { keepOnHost } from './probing/host.ts';
import { hostOptions, screen, takesTarget, targetFlags, targetOptions } from './source-flags.ts';

const defaults = { duration: '2m', 'max-stall': '10%', 'max-refaults': '10000', depth: '100%' } as const;

export const command: Command = {
  name: 'probe',
  takes: takesTarget,
  about: 'measure how much page cache a container needs, by taking its page cache in small steps',
  notes: [
    "Needs root. The kernel drops part of one container's page cache, and the container rereads what it needs.",
    "In a cluster it runs one short Job on the container's node, in the agents' namespace. It first shows the Job and asks.",
  ],
  flags: {
    duration: { takes: 'DURATION', about: `time for the whole probe (${defaults.duration})` },
    'max-stall': {
      takes: 'PERCENT',
      about: `stop when tasks wait for memory longer than this share of the time (${defaults['max-stall']})`,
    },
    'max-refaults': {
      takes: 'NUMBER',
      about: `stop when it rereads more pages per second than this (${defaults['max-refaults']})`,
    },
    depth: {
      takes: 'SIZE|PERCENT',
      about: `take at most this much page cache, such as 64Mi or 50% (${defaults.depth})`,
    },
    container: {
      short: 'c',
      takes: 'NAME',
      about: 'in a cluster: this container of the pod (its only one)',
    },
    'dry-run': { about: 'print what it would do, and change nothing' },
    'no-keep': { about: 'do not keep the answer for realmem suggest' },
    'history-dir': {
      takes: 'DIR',
      about: 'on a host: where its agent keeps its history ($XDG_STATE_HOME/realmem)',
    },
    yes: { short: 'y', about: 'in a cluster: do not ask before the Job is created' },
    output: flagOneOf(
      probeForms,
      'output format; svg draws the curve, lines prints progress and result as JSON (table)',
      'o',
    ),
    ...targetFlags,
    ...clusterFlags,
  },
  examples: [
    'kubectl realmem probe -n shop deployment/cart',
    'realmem probe web',
    'realmem probe 53a11f13c080 --dry-run',
    'realmem probe web --duration 1h -o json',
    'realmem probe web -o svg > curve.svg',
  ],
  run,
};

async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseFlags(command.flags, args, 1);
  const { values, switches } = parsed;
  const target = targetOptions(command.name, parsed);
  const allowed = allowedBy(values);
  const form = wordOf(values['output'], probeForms, 'table');
  if (readsCluster(parsed, io, ['root', 'pods', 'history-dir'])) {
    const { probeInCluster } = await import('./probing/cluster.ts');
    return probeInCluster(parsed, io, { durationMs: allowed.durationMs, form, flags: givenFlags(values) });
  }
  if (values['container'] !== undefined)
    throw new UsageError('-c names a container of a cluster; here TARGET names it: namespace/pod/container');
  const host = hostOptions(values, io);
  const node = openNode(host, []);
  const interrupt = new AbortController();
  try {
    const at = now();
    const found = findProbed(node, host.root, target, at, io.pid);
    const options = searchOptions(found, node.host, allowed);
    const { cgroups } = node.host;
    if (switches.has('dry-run') || cgroups === undefined) {
      await io.output.write(plan(found, options));
      return ExitCode.done;
    }
    void io.untilSignal().then(() => interrupt.abort());
    const { signal } = interrupt;
    const lines = form === 'lines' ? progressLines(io, ticks) : undefined;
    const progress = (search: Search): void => {
      const state = progressOf(search);
      lines?.(state);
      io.progress(progressLine(state, options.durationMs));
    };
    const answer = await probe(found, cgroups, host.root, options, { signal, progress }).finally(() =>
      io.progress(''),
    );
    const { name, where, detail } = found;
    const cgroup = detail.observation.sample.id.path;
    const result = { name, cgroup, where, at: rfc3339(at), answer };
    await io.output.write(renderProbe(result, form, screen(io)));
    if (!switches.has('no-keep'))
      io.say(printable(await keepOnHost(result, form, values['history-dir'] ?? io.stateDir)));
    return signal.aborted ? ExitCode.wrong : ExitCode.done;
  } catch (error) {
    if (!(error instanceof CgroupGone)) throw error;
    throw new LocatedError({ where: target.target, expected: 'a running container', got: 'one that ended' });
  } finally {
    node.host.close();
  }
}

/** The limits that the user gave, as a command line. */
const givenFlags = (values: Parsed['values']): readonly string[] =>
  Object.keys(defaults).flatMap((flag) => {
    const value = values[flag];
    return value === undefined ? [] : [`--${flag}`, value];
  });

const shortestMs = 10_000;

/** @throws LocatedErrors with all faults */
function allowedBy(values: Parsed['values']): Allowed {
  const faults: string[] = [];
  const read = <Value>(
    flag: keyof typeof defaults,
    expected: string,
    parse: (text: string) => Value | undefined,
  ): Value => {
    const text = values[flag] ?? defaults[flag];
    const value = parse(text);
    if (value === undefined) faults.push(`--${flag}: expected ${expected}, got ${quoted(text)}`);
    return value as Value;
  };
  const allowed: Allowed = {
    durationMs: read('duration', 'a duration from 10s to 24h, such as 2m', (text) => {
      const ms = settings.periodMs.parse(text);
      return ms !== undefined && ms >= shortestMs ? ms : undefined;
    }),
    maxStall: read('max-stall', 'a share from 1% to 100%', shareOf),
    maxRereads: read('max-refaults', 'a number from 1 to 1000000', (text) => {
      const number = /^\d{1,7}$/.test(text) ? Number(text) : 0;
      return number >= 1 && number <= 1_000_000 ? number : undefined;
    }),
    depth: read('depth', 'a size such as 64Mi, or a share such as 50%', (text) => {
      const share = text.endsWith('%') ? shareOf(text) : undefined;
      if (share !== undefined) return { share };
      const size = parseQuantity(text);
      return size === undefined || size <= 0 ? undefined : { bytes: size };
    }),
  };
  if (faults.length > 0) throw new LocatedErrors(faults);
  return allowed;
}

function shareOf(text: string): number | undefined {
  const percent = Number(/^(\d{1,3}(?:\.\d{1,2})?)%?$/.exec(text)?.[1]);
  return percent >= 1 && percent <= 100 ? percent / 100 : undefined;
}

/** Prints a line of progress, but not more often than a reader needs. */
function progressLines({ output }: Pick<Io, 'output'>, clock: () => number): (progress: Progress) => void {
  let due = 0;
  return (progress) => {
    if (clock() < due) return;
    due = clock() + betweenLinesMs;
    void output.write(`${JSON.stringify({ progress })}\n`);
  };
}

const betweenLinesMs = 2_000;

function plan({ name, where, detail }: ProbedContainer, options: SearchOptions): string {
  const { observation, version } = detail;
  const { usage, sample } = observation;
  const { baselineMs, stepMs, takingMs } = timingOf(options.durationMs);
  const cache = (usage.activeFileBytes ?? 0) + (usage.inactiveFileBytes ?? 0);
  const how = version === 2 ? 'writing to memory.reclaim' : 'lowering memory.limit_in_bytes for moments';
  return `${[
    `${name}   ${where}`,
    `CGROUP ${sample.id.path}`,
    '',
    `Would watch it for ${seconds(baselineMs)}, then take page cache by ${how}:`,
    `at most ${formatRounded(Math.min(options.depthBytes, cache))} of ${formatRounded(cache)}, in steps, with ${seconds(stepMs)} or more after each.`,
    `After ${seconds(takingMs)} it would only watch, until ${seconds(options.durationMs)} are over.`,
    `It would stop earlier if tasks wait for memory more than ${options.maxStall * 100}% of the time,`,
    `or if more than ${options.maxRereads} pages per second are reread. Nothing was changed.`,
  ].join('\n')}\n`;
}
