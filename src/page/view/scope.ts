/** What the reader looks at, as the part of the address after `#`. A link to it shows the same. */

export const levels = ['node', 'namespace', 'workload', 'pod', 'container'] as const;
export type Level = (typeof levels)[number];

/** The namespace of what runs outside pods. No namespace of Kubernetes has such a name. */
export const outside = '(outside pods)';

/** Which part of the cluster. A workload and a pod are named within their namespace. */
export interface Scope {
  readonly node?: string;
  readonly namespace?: string;
  readonly workload?: string;
  readonly pod?: string;
}

const scopeFields = ['node', 'namespace', 'workload', 'pod'] as const;

export interface Sorting {
  readonly column: string;
  readonly isDescending: boolean;
}

export interface State {
  readonly view: 'memory' | 'suggestions';
  readonly scope: Scope;
  readonly by: Level;
  readonly filter: string;
  /** Absent: the default of the view. */
  readonly sort?: Sorting;
  /** Key of the container or of the suggestion whose sheet is open. */
  readonly open?: string;
}

export const startState: State = { view: 'memory', scope: {}, by: 'pod', filter: '' };

/** @param start values that the address does not name */
export function parseHash(hash: string, start: State = startState): State {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  const scope: { -readonly [field in keyof Scope]: string } = {};
  for (const field of scopeFields) {
    const value = given.get(field);
    if (value !== null) scope[field] = value;
  }
  const view = given.get('view');
  const by = levels.find((level) => level === given.get('by'));
  const sort = /^(-?)([A-Z%-]{1,20})$/.exec(given.get('sort') ?? '');
  const open = given.get('open');
  return {
    view: view === 'suggestions' || view === 'memory' ? view : start.view,
    scope,
    by: by ?? start.by,
    filter: given.get('filter') ?? '',
    ...(sort?.[2] !== undefined && { sort: { column: sort[2], isDescending: sort[1] === '-' } }),
    ...(open !== null && { open }),
  };
}

/** Leaves out what equals `start`. */
export function formatHash(
  { view, scope, by, filter, sort, open }: State,
  start: State = startState,
): string {
  const words = new URLSearchParams();
  if (view !== start.view) words.set('view', view);
  for (const field of scopeFields) {
    const value = scope[field];
    if (value !== undefined) words.set(field, value);
  }
  if (by !== start.by) words.set('by', by);
  if (filter !== '') words.set('filter', filter);
  if (sort !== undefined) words.set('sort', `${sort.isDescending ? '-' : ''}${sort.column}`);
  if (open !== undefined) words.set('open', open);
  // A slash needs no escape here, and names are easier to read with it.
  const text = words.toString().replaceAll('%2F', '/');
  return text === '' ? '' : `#${text}`;
}

/** The scopes around this one, the widest first, and itself. */
export function pathOf({ node, namespace, workload, pod }: Scope): readonly { name: string; scope: Scope }[] {
  const path: { name: string; scope: Scope }[] = [];
  let scope: Scope = {};
  const step = (name: string | undefined, part: Scope): void => {
    if (name === undefined) return;
    scope = { ...scope, ...part };
    path.push({ name, scope });
  };
  if (node !== undefined) step(node, { node });
  if (namespace !== undefined) step(namespace, { namespace });
  if (workload !== undefined) step(workload, { workload });
  if (pod !== undefined) step(pod, { pod });
  return path;
}

/** The level to list inside a scope. */
export const levelInside = ({ node, namespace, workload, pod }: Scope): Level => {
  if (pod !== undefined || namespace === outside) return 'container';
  if (workload !== undefined) return 'pod';
  if (namespace !== undefined) return 'workload';
  return node === undefined ? 'pod' : 'namespace';
};
