/** A choice of namespaces as one text: `shop,bank`, or `*,!kube-system` for all except one. */

export interface Namespaces {
  /** Absent: all. */
  readonly included?: readonly string[];
  /** Also excluded if `included` names them. */
  readonly excluded: readonly string[];
}

/** RFC 1123 label, as the API server requires it. */
const name = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/** Undefined for an invalid text. Exclusions alone exclude from all namespaces. */
export function parseNamespaces(text: string): Namespaces | undefined {
  const terms = text.split(',');
  const excluded = terms.filter((term) => term.startsWith('!')).map((term) => term.slice(1));
  const included = terms.filter((term) => !term.startsWith('!') && term !== '*');
  if (![...included, ...excluded].every((term) => name.test(term))) return undefined;
  const all = terms.includes('*') || included.length === 0;
  return { ...(!all && { included }), excluded };
}

export const includesNamespace = ({ included, excluded }: Namespaces, namespace: string): boolean =>
  (included === undefined || included.includes(namespace)) && !excluded.includes(namespace);
