/** `kubectl realmem top`: the tables of a cluster. */

import type { AgentsKube } from '../../cluster/agents.ts';
import { delimitedLines, type MemoryTable, memoryTable } from '../../cluster/formats.ts';
import { type FreshScope, readFresh } from '../../cluster/fresh.ts';
import { noPodsNote } from '../../cluster/notes.ts';
import { readCluster } from '../../cluster/read.ts';
import { clusterRows } from '../../cluster/rows.ts';
import { clusterMarkdown, clusterTableLines } from '../../cluster/table.ts';
import type { ClusterView } from '../../cluster/view.ts';
import { now } from '../../edges/clock.ts';
import { type Io, keepHeapSmall } from '../../edges/process.ts';
import { jsonParts, yamlParts } from '../../layout/structured.ts';
import type { LiveSource } from '../../live/source.ts';
import { messageOf } from '../../model/located-error.ts';
import { printable } from '../../model/text.ts';
import type { BarOptions } from '../../render/bars.ts';
import { type Item, itemOf } from '../../render/items.ts';
import type { Row } from '../../render/row.ts';
import { sortRows } from '../../render/sort-rows.ts';
import { connectCluster } from '../cluster-flags.ts';
import { ExitCode } from '../command.ts';
import type { Parsed } from '../flags.ts';
import { screen } from '../source-flags.ts';
import { isLive, showLive } from './live.ts';
import { matching, namedRows } from './named-rows.ts';
import type { TopOptions } from './options.ts';

/** @throws ClusterError, LocatedError, UsageError */
export async function topOfCluster(parsed: Parsed, options: TopOptions, io: Io): Promise<ExitCode> {
  keepHeapSmall();
  const cluster = await connectCluster(parsed, io);
  const { kube, context, printed, namespace: contextNamespace } = cluster;
  const { namespace, selector } = options;
  try {
    const scope = {
      ...(namespace !== undefined && { namespace }),
      ...(selector !== undefined && { selector }),
    };
    const read = {
      ...scope,
      ...(contextNamespace !== undefined && !options.everyNamespace && { contextNamespace }),
    };
    if (isLive(options, io)) {
      const { clusterSource } = await import('../../live/cluster-source.ts');
      const { ascii } = screen(io);
      const detail = clusterDetail(kube, { ascii, colour: options.colour });
      const refresh = (view: ClusterView, signal: AbortSignal): Promise<ClusterView> =>
        readFresh(kube, view, freshScope(view, options, matching), { ...scope, now: now(), signal });
      const source = { kube, read, printed, detail, ...(options.fresh && { refresh }) };
      return await showLive(clusterSource(source), options, ascii, io);
    }
    const reported = await readCluster(kube, {
      ...read,
      now: now(),
      progress: (count, all) => io.progress(`${count} of ${all} reports read`),
    });
    const view = options.fresh
      ? await readFresh(kube, reported, freshScope(reported, options, namedRows), { ...scope, now: now() })
      : reported;
    io.progress('');
    // As kubectl does: the output of programs stays as it is. A table says it itself.
    const none = noPodsNote(view);
    const isTable = options.format === 'table' || options.format === 'wide';
    if (none !== undefined && !(isTable && options.headers)) io.say(none);
    if (options.format === 'html') {
      const [{ clusterPage, readSuggested }, { htmlOf }] = await Promise.all([
        import('../page/cluster-data.ts'),
        import('../page/files.ts'),
      ]);
      const source = { kube, name: context, values: parsed.values, scope: read, io };
      await io.output.write(htmlOf(clusterPage(view, await readSuggested(source), source)));
      return ExitCode.done;
    }
    const rows = sortRows(namedRows(clusterRows(view, options.by), options), options.sortBy);
    for await (const part of inChunks(partsOf(view, rows, options, io))) await io.output.write(part);
    return ExitCode.done;
  } catch (error) {
    throw printed(error);
  } finally {
    io.progress('');
    kube.close();
  }
}

/** Asks the agent of a container's node. A failure is a line of the page. */
const clusterDetail =
  (kube: AgentsKube, look: Omit<BarOptions, 'columns'>): LiveSource['detail'] =>
  async ({ target, labels }, columns) => {
    if (labels['CONTAINER'] === undefined) return undefined;
    try {
      const [{ inspectInCluster, receivedExplanation }, { shortLines }] = await Promise.all([
        import('../../cluster/inspect.ts'),
        import('../../inspect/short.ts'),
      ]);
      const explained = await inspectInCluster(kube, 'explain', { target, now: now() }, receivedExplanation);
      return shortLines(explained, { ...look, columns });
    } catch (error) {
      return [`The agent did not explain it: ${messageOf(error)}`];
    }
  };

/**
 * The nodes behind the rows that NAME chooses. Groups of pods have no node of their own: all nodes that are shown.
 * @param choose the rows of NAME
 */
function freshScope(view: ClusterView, options: TopOptions, choose: typeof namedRows): FreshScope {
  const { name, by, namespace } = options;
  if (name === undefined) return namespace === undefined ? {} : { namespace };
  const rows = choose(clusterRows(view, by), options);
  const nodes = [...new Set(rows.flatMap(({ node }) => node ?? []))];
  return nodes.length > 0 || rows.length === 0 ? { nodes } : namespace === undefined ? {} : { namespace };
}

async function partsOf(
  view: ClusterView,
  rows: readonly Row[],
  options: TopOptions,
  io: Io,
): Promise<Iterable<string>> {
  const { by, format, headers, available, colour, marks } = options;
  const table = {
    ...{ by, headers, available, colour, marks },
    wide: format === 'wide',
    oneNamespace: options.namespace !== undefined && by !== 'namespace' && by !== 'node',
    ascii: screen(io).ascii,
    columns: io.output.columns,
  };
  // All items of a large cluster at once would need hundreds of megabytes.
  const streamed = (): MemoryTable => memoryTable(view, by, itemsOf(rows));
  switch (format) {
    case 'json':
      return jsonParts(streamed());
    case 'yaml':
      return yamlParts(streamed());
    case 'csv':
      return delimitedLines(rows, by, 'comma', headers);
    case 'tsv':
      return delimitedLines(rows, by, 'tab', headers);
    case 'name':
      return rows.map(({ target }) => `${printable(target)}\n`);
    case 'markdown':
      return [clusterMarkdown(view, rows, table)];
    case 'jsonpath':
      return [
        (await import('../../layout/jsonpath.ts')).renderJsonPath(
          options.template,
          memoryTable(view, by, rows.map(itemOf)),
        ),
      ];
    case 'custom-columns':
      return [
        (await import('../../layout/jsonpath.ts')).renderCustomColumns(
          options.template,
          rows.map(itemOf),
          headers,
        ),
      ];
    default:
      return clusterTableLines(view, rows, table);
  }
}

function* itemsOf(rows: readonly Row[]): Generator<Item> {
  for (const row of rows) yield itemOf(row);
}

/** Characters of one write. */
const chunk = 64 * 1024;

/** Joins small parts: a write for each line would be slow. */
async function* inChunks(parts: Promise<Iterable<string>>): AsyncGenerator<string> {
  let text = '';
  for (const part of await parts) {
    text += part;
    if (text.length < chunk) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}
