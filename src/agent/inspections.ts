/** Answers requests to inspect a container: `/explain/NAMESPACE/POD[/CONTAINER].json`, `/ps/NAMESPACE/POD[/CONTAINER].json`. */
import { type HttpAnswer, plainText } from '../http/listener.ts';
import { messageOf } from '../model/located-error.ts';
import { printable } from '../model/text.ts';

export interface Inspection {
  readonly kind: 'explain' | 'ps';
  /** `namespace/pod` or `namespace/pod/container`. */
  readonly target: string;
}

/** Undefined: it is another path. */
export function inspectionOf(path: string): Inspection | undefined {
  const [, kind, rest = ''] = /^\/(explain|ps)\/(.+)\.json$/.exec(path) ?? [];
  if (kind !== 'explain' && kind !== 'ps') return undefined;
  try {
    const parts = rest.split('/').map(decodeURIComponent);
    const isName = (part: string): boolean => part !== '' && !part.includes('/');
    if (parts.length < 2 || parts.length > 3 || !parts.every(isName)) return undefined;
    return { kind, target: parts.join('/') };
  } catch {
    // A broken escape.
    return undefined;
  }
}

/**
 * Makes one inspection at a time, and then pauses for as long as it took. So inspections take at most half of the agent's
 * time, however many clients ask.
 * @param inspect may load code first
 * @param ticks milliseconds of the monotonic clock
 * @returns a function that answers a path; undefined for another path
 */
export function inspections(
  inspect: (inspection: Inspection) => Promise<HttpAnswer>,
  ticks: () => number,
): (path: string) => Promise<HttpAnswer> | undefined {
  let isBusy = false;
  let restUntil = Number.NEGATIVE_INFINITY;
  const once = async (inspection: Inspection): Promise<HttpAnswer> => {
    isBusy = true;
    const startedAt = ticks();
    try {
      return await inspect(inspection);
    } catch (error) {
      return plainText(500, printable(messageOf(error)));
    } finally {
      isBusy = false;
      const endedAt = ticks();
      restUntil = endedAt + (endedAt - startedAt);
    }
  };
  return (path) => {
    const inspection = inspectionOf(path);
    if (inspection === undefined) return undefined;
    if (isBusy || ticks() < restUntil)
      return Promise.resolve(
        plainText(503, 'the agent inspects another container; try again', { 'retry-after': '1' }),
      );
    return once(inspection);
  };
}
