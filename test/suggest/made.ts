/** Suggestions and rows with only the facts that a test names. Sizes are in MiB where a name does not say bytes. */
import { type Bytes, bytes } from '../../src/model/bytes.ts';
import type { ContainerKey, Setting } from '../../src/model/container-key.ts';
import type {
  Bounded,
  Decider,
  Origin,
  Recommendation,
  Suggestion,
  Suggestions,
  UsedProbe,
} from '../../src/model/recommendation.ts';
import { rowsOfSuggestions, type SuggestionRow } from '../../src/suggest/rows.ts';

export const MiB = 2 ** 20;
export const mib = (amount: number): Bytes => bytes(amount * MiB);

export const bounded = (target: number, lower = target, upper = target): Bounded => ({
  ...{ target: mib(target), lower: mib(lower), upper: mib(upper) },
});

export interface Made {
  readonly key?: Partial<ContainerKey>;
  /** In bytes. */
  readonly setting?: Partial<Setting>;
  readonly recommendation?: Partial<Recommendation>;
  readonly origin?: Partial<Origin>;
  readonly more?: Partial<Suggestion>;
}

/** Request 100Mi (80 to 120) and limit 200Mi (150 to 300) of `shop/Deployment/web`, container `web`. */
export const suggestion = ({ key, setting, recommendation, origin, more }: Made = {}): Suggestion => ({
  key: { namespace: 'shop', workload: 'Deployment/web', container: 'web', ...key },
  setting: { type: 'container', ...setting },
  ...{ replicas: 1, killCount: 0 },
  recommendation: {
    ...{ request: bounded(100, 80, 120), limit: bounded(200, 150, 300) },
    ...{ confidence: 'medium', days: 3, because: ['One reason', 'Another reason.'] },
    ...recommendation,
  },
  origin: { nodes: 1, node: 'node-1', share: 1, ...origin },
  ...more,
});

export const decider = (more: Partial<Decider> = {}): Decider => ({
  ...{ node: 'node-2', share: 0.604, running: 1, elsewhere: 3 },
  suggested: { request: mib(100), limit: mib(200) },
  without: { request: mib(400), limit: mib(500) },
  ...more,
});

/** 2024-10-04, midnight. */
export const at = 20_000 * 86_400;

/** 32Mi of needed and 64Mi of cold cache. Without it: request 60Mi and limit 300Mi. */
export const probe: UsedProbe = {
  ...{ pod: 'web-1', at, neededCacheBytes: 32 * MiB, coldCacheBytes: 64 * MiB, errorBytes: MiB },
  ...{ watchedSeconds: 60, without: { request: mib(60), limit: mib(300) } },
};

export const suggestions = (items: readonly Suggestion[], more: Partial<Suggestions> = {}): Suggestions => ({
  at,
  nodes: 1,
  stale: [],
  faults: [],
  items,
  ...more,
});

export const rowsOf = (...items: readonly Suggestion[]): readonly SuggestionRow[] =>
  rowsOfSuggestions(suggestions(items), 'name');

export function rowOf(made?: Made): SuggestionRow {
  const [row] = rowsOf(suggestion(made));
  if (row === undefined) throw new Error('no row');
  return row;
}
