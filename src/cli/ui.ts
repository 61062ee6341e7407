/** `realmem ui`: serves the page of this host, of a recording or of a cluster to the browsers of this machine. */
import { now, sleep, ticks } from '../edges/clock.ts';
import type { Io } from '../edges/process.ts';
import { UsageError } from '../model/located-error.ts';
import { quoted } from '../model/text.ts';
import { clusterFlags, connectCluster, namespaceIn, podFlags, readsCluster } from './cluster-flags.ts';
import { type Command, ExitCode } from './command.ts';
import { type Parsed, parseFlags } from './flags.ts';
import type { SuggestedData } from './page/cluster-data.ts';
import type { Served } from './page/serve.ts';
import { hostFlags, hostOptions } from './source-flags.ts';

const defaultPort = 9645;

export const command: Command = {
  name: 'ui',
  about: 'serve a page with all figures, their reasons and suggestions on 127.0.0.1, for a browser',
  flags: {
    port: { takes: 'PORT', about: `port on 127.0.0.1; 0: any free one (${defaultPort})` },
    ...podFlags('show'),
    ...clusterFlags,
    'realmem-namespace': { takes: 'NAMESPACE', about: 'namespace of the agents (realmem)' },
    ...hostFlags,
    history: {
      takes: 'PLACE',
      about: 'of a host: read histories from this file or directory ($XDG_STATE_HOME/realmem)',
    },
  },
  examples: [
    'kubectl realmem ui',
    'kubectl realmem ui -n shop --port 8080',
    'realmem ui',
    'realmem ui --root recording',
  ],
  run,
};

async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseFlags(command.flags, args);
  const port = portOf(parsed.values['port']);
  const serve = readsCluster(parsed, io, ['root', 'pods', 'history']) ? serveCluster : serveHost;
  await serve(parsed, port, io);
  return ExitCode.done;
}

/** @throws UsageError */
function portOf(text = String(defaultPort)): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new UsageError(`--port: expected a number from 0 to 65535, got ${quoted(text)}`);
}

/** The reports of agents change once a minute. */
const clusterAgeMs = 10_000;
/** Nodes write their histories hourly. Without any the reason may be over soon: new agents, or an API server that was away. */
const suggestedAgeMs = ({ suggestions }: SuggestedData): number =>
  suggestions === undefined ? clusterAgeMs : 600_000;
/** Those of thousands of nodes take minutes to read. */
const patienceMs = 3_000;
const stillRead = 'The histories are still being read. Until then suggestions come from the reports alone.';

async function serveCluster(parsed: Parsed, port: number, io: Io): Promise<void> {
  const { values, switches } = parsed;
  const [{ clusterPage, readSuggested, readView }, { remembered }, { servePage }] = await Promise.all([
    import('./page/cluster-data.ts'),
    import('./page/remembered.ts'),
    import('./page/serve.ts'),
  ]);
  const cluster = await connectCluster(parsed, io);
  const { kube, context, printed } = cluster;
  const namespace = namespaceIn(parsed);
  const { selector } = values;
  const scope = {
    ...(namespace !== undefined && { namespace }),
    ...(selector !== undefined && { selector }),
    ...(cluster.namespace !== undefined &&
      !switches.has('all-namespaces') && { contextNamespace: cluster.namespace }),
  };
  const source = { kube, name: context, values, scope, io };
  const view = remembered(() => readView(source), clusterAgeMs, ticks);
  const readSeldom = remembered(() => readSuggested(source), suggestedAgeMs, ticks);
  let suggested: SuggestedData = { notes: [stillRead] };
  const suggestedSoon = async (): Promise<SuggestedData> => {
    const left = new AbortController();
    const read = readSeldom().then((found) => {
      suggested = found;
    });
    // Also after the wait.
    read.catch(() => {});
    try {
      await Promise.race([read, sleep(patienceMs, left.signal)]);
    } finally {
      left.abort();
    }
    return suggested;
  };
  const served: Served = {
    async data() {
      const [seen, more] = await Promise.all([view(), suggestedSoon()]);
      return clusterPage(seen, more, source);
    },
    async explain(target) {
      const { inspectInCluster, receivedExplanation } = await import('../cluster/inspect.ts');
      return inspectInCluster(kube, 'explain', { target, now: now() }, receivedExplanation);
    },
    printed,
  };
  try {
    await servePage(port, served, io);
  } finally {
    kube.close();
  }
}

/** A pass takes milliseconds. */
const hostAgeMs = 2_000;

async function serveHost(parsed: Parsed, port: number, io: Io): Promise<void> {
  const { values } = parsed;
  const [{ openNode }, { explain }, { chooser }, { hostPage, readReport }, { remembered }, { servePage }] =
    await Promise.all([
      import('../agent/source.ts'),
      import('../inspect/explain.ts'),
      import('../report/choose-pods.ts'),
      import('./page/host-data.ts'),
      import('./page/remembered.ts'),
      import('./page/serve.ts'),
    ]);
  const options = hostOptions(values, io);
  const namespace = namespaceIn(parsed);
  const { selector } = values;
  const inScope = chooser({
    ...(namespace !== undefined && { namespace }),
    ...(selector !== undefined && { selector }),
  });
  const node = openNode(options, []);
  const data = async () => hostPage(node, inScope(node, await readReport(node)), { values, namespace }, io);
  try {
    await servePage(
      port,
      {
        data: remembered(data, hostAgeMs, ticks),
        explain: async (target) => explain(node, options.root, { target }, now()),
        printed: (error) => error,
      },
      io,
    );
  } finally {
    node.host.close();
  }
}
