/** The map and the table of one scope, with the path to it and the filter. */
import { type ComponentChild, h } from 'preact';
import { useMemo } from 'preact/hooks';
import { filled, isNearLimit, isUrgent, memoryColumns, sorted } from '../view/columns.ts';
import { cacheOf, counted, type Entry, podsIn, tableEntries } from '../view/entries.ts';
import { parseFilter } from '../view/filter.ts';
import type { Model } from '../view/leaves.ts';
import {
  type Level,
  levelInside,
  levels,
  outside,
  pathOf,
  type Scope,
  type Sorting,
  type State,
} from '../view/scope.ts';
import { restriction } from '../view/words.ts';
import { bar, button, name, useSettled } from './element.ts';
import type { Go } from './location.ts';
import { TreeMap } from './map.ts';
import { SearchField } from './search.ts';
import { DataTable } from './table.ts';

export interface ExploreProps {
  readonly model: Model;
  readonly state: State;
  readonly go: Go;
}

const byReal: Sorting = { column: 'REAL', isDescending: true };

const plural: Readonly<Record<Level, string>> = {
  node: 'Nodes',
  namespace: 'Namespaces',
  workload: 'Workloads',
  pod: 'Pods',
  container: 'Containers',
};

export function Explore({ model, state, go }: ExploreProps): ComponentChild {
  const { scope, by, filter } = state;
  const sort = state.sort ?? byReal;
  const pods = useMemo(() => podsIn(model, scope), [model, scope]);
  const entries = useMemo(() => tableEntries(model, pods, scope, by), [model, pods, scope, by]);
  const columns = useMemo(
    () => filled(memoryColumns(by, model.hasPods), entries),
    [by, model.hasPods, entries],
  );
  const matches = useMemo(() => parseFilter(filter), [filter]);
  const matching = useMemo(() => entries.filter(matches), [entries, matches]);
  const rows = useMemo(
    () => sorted(matching, columns, sort),
    [matching, columns, sort.column, sort.isDescending],
  );
  // The map has tiles of other levels than the rows: it shows the pods of the rows.
  const mapped = useSettled(
    useMemo(
      () => ({
        ...{ model, scope },
        pods: filter === '' ? pods : [...new Set(matching.flatMap((entry) => entry.pods))],
      }),
      [model, scope, pods, matching, filter],
    ),
  );
  const shownLevels = levelsIn(scope, model);
  const noun = model.hasPods ? by : 'cgroup';
  const openScope = (to: Scope): void => go({ scope: to, by: levelInside(to), filter: '', forget: ['sort'] });
  const openEntry = (entry: Entry): void =>
    entry.leaf === undefined ? openScope(entry.inside) : go({ open: entry.leaf.key });
  const count =
    rows.length === entries.length
      ? counted(rows.length, noun)
      : `${counted(rows.length, noun)} of ${entries.length.toLocaleString('en')}`;
  return h(
    'section',
    { class: 'explore', 'aria-label': 'Memory by level' },
    h(
      'div',
      { class: 'tools' },
      h(Path, { model, scope, openScope }),
      shownLevels.length > 1 &&
        h(
          'div',
          { class: 'levels', role: 'group', 'aria-label': 'List' },
          shownLevels.map((level) =>
            button(
              {
                key: level,
                'aria-pressed': level === by,
                'data-testid': `by-${level}`,
                onClick: () => go({ by: level, forget: ['sort'] }, 'replace'),
              },
              plural[level],
            ),
          ),
        ),
      h(SearchField, {
        value: filter,
        placeholder: 'Filter: name, ns:shop, real%>80 …',
        hint: 'cart   ns:shop   real%>80   verdict:near   -proxy',
        count,
        onInput: (text: string) => go({ filter: text }, 'replace'),
      }),
    ),
    mapped.pods.length > 0 && h(TreeMap, { ...mapped, onEntry: openEntry, onScope: openScope }),
    h(DataTable<Entry>, {
      ...{ rows, columns, sort },
      label: `${plural[by]} by memory`,
      onSort: (next: Sorting) => go({ sort: next }, 'replace'),
      onOpen: openEntry,
      barOf: rowBar,
      badge: staleBadge,
      empty:
        filter === ''
          ? model.data.only !== undefined
            ? h('p', null, `No pods of ${restriction(model.data)} are in any report.`)
            : h(
                'p',
                null,
                'No figures here: no agent has reported yet. Next: ',
                h('code', null, model.data.scope === 'cluster' ? 'kubectl realmem doctor' : 'realmem doctor'),
              )
          : h(
              'p',
              null,
              `Nothing matches “${filter}”. `,
              button({ class: 'link', onClick: () => go({ filter: '' }, 'replace') }, 'Clear the filter'),
            ),
    }),
  );
}

/** Levels that have something to tell apart inside the scope. */
const levelsIn = ({ node, namespace, workload, pod }: Scope, { nodes, hasPods }: Model): readonly Level[] =>
  !hasPods || namespace === outside
    ? []
    : levels.filter(
        (level) =>
          (level !== 'node' || (node === undefined && nodes.size > 1 && pod === undefined)) &&
          (level !== 'namespace' || namespace === undefined) &&
          (level !== 'workload' || workload === undefined) &&
          (level !== 'pod' || pod === undefined),
      );

const rootName = { cluster: 'Cluster', node: 'Node', host: 'Host', recording: 'Recording' } as const;

function Path({
  model,
  scope,
  openScope,
}: Pick<ExploreProps, 'model'> & { scope: Scope; openScope: (scope: Scope) => void }): ComponentChild {
  const root = restriction(model.data) ?? rootName[model.data.scope];
  const path = [{ name: root.replace(/^./, (first) => first.toUpperCase()), scope: {} }, ...pathOf(scope)];
  return h(
    'nav',
    { class: 'path', 'aria-label': 'Path', 'data-testid': 'path' },
    h(
      'ol',
      null,
      path.map((step, index) =>
        h(
          'li',
          { key: index },
          index === path.length - 1
            ? h('span', { 'aria-current': 'location' }, name(step.name))
            : button({ class: 'link', onClick: () => openScope(step.scope) }, name(step.name)),
        ),
      ),
    ),
  );
}

function rowBar(entry: Entry): ComponentChild {
  const { real, limit, request, tmpfs, kernel } = entry;
  if (real === undefined) return null;
  const cache = cacheOf(entry) ?? 0;
  const inTmpfs = Math.min(real, tmpfs ?? 0);
  const inKernel = Math.max(0, Math.min(real - inTmpfs, kernel ?? 0));
  const isHot = isUrgent(entry.verdict) || isNearLimit(entry);
  return h(
    'span',
    { class: `rowbar${limit === undefined ? ' unlimited' : ''}${isHot ? ' hot' : ''}` },
    bar(
      [
        { kind: 'anon', bytes: real - inTmpfs - inKernel },
        { kind: 'tmpfs', bytes: inTmpfs },
        { kind: 'kernel', bytes: inKernel },
        { kind: 'cache', bytes: cache },
      ],
      limit ?? Math.max(real + cache, request ?? 0),
      request === undefined ? [] : [{ kind: 'request', bytes: request }],
    ),
  );
}

const staleBadge = ({ staleSeconds }: Entry): ComponentChild =>
  staleSeconds === undefined ? null : h('span', { class: 'badge' }, 'stale');
