/** The result of one check. */

/** `warn`: something is missing or less exact. `fail`: something does not work. */
export type CheckStatus = 'ok' | 'warn' | 'fail';

export interface Check {
  /** What was checked. */
  readonly name: string;
  readonly status: CheckStatus;
  /** What was found, and what it means. Names in it are not escaped. */
  readonly message: string;
  /** What to do. */
  readonly todo?: string;
}

export const ok = (name: string, message: string): Check => ({ name, status: 'ok', message });

const bad =
  (status: 'warn' | 'fail') =>
  (name: string, message: string, todo?: string): Check => ({
    name,
    status,
    message,
    ...(todo !== undefined && { todo }),
  });

export const warn = bad('warn');
export const fail = bad('fail');

/** Names that a message shows at most. */
const mostNamed = 3;

/** `a, b, c and 7 more` */
export function named(names: readonly string[]): string {
  const more = names.length - mostNamed;
  const first = names.slice(0, mostNamed).join(', ');
  return more > 0 ? `${first} and ${more} more` : first;
}

/** Names that a shell takes as they are. The API server accepts no others for nodes. */
const isPlain = /^[A-Za-z0-9.-]+$/;

/**
 * The command that prints the log of the agent on a node.
 * @param namespace of the agents
 */
export function logsOn(namespace: string, node: string | undefined): string {
  const of = `kubectl -n ${namespace}`;
  if (node === undefined || !isPlain.test(node) || !isPlain.test(namespace))
    return 'read the log of the agent there';
  return `${of} logs $(${of} get pods -o name -l app.kubernetes.io/name=realmem --field-selector spec.nodeName=${node})`;
}
