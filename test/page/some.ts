/** Small data for tests, with only what each test is about. */
import type { PageContainer, PageData, PagePod } from '../../src/page/data.ts';
import { type Entry, podsIn, tableEntries } from '../../src/page/view/entries.ts';
import { type Model, modelOf } from '../../src/page/view/leaves.ts';
import type { Level, Scope } from '../../src/page/view/scope.ts';

export const Mi = 1024 ** 2;
export const Gi = 1024 ** 3;

export const page = (pods: readonly PagePod[], more: Partial<PageData> = {}): PageData => ({
  ...{ scope: 'cluster', version: '0.1.0', nodes: [{ name: 'n1' }, { name: 'n2' }], pods },
  ...more,
});

/** @param path `shop/cart-1` */
export function pod(
  path: string,
  containers: readonly Partial<PageContainer>[],
  more: Partial<PagePod> = {},
): PagePod {
  const [namespace = '', name = ''] = path.split('/');
  return {
    ...{ namespace, name, node: 'n1', workload: 'Deployment/cart', ooms: 0 },
    containers: containers.map((one, index) => ({ name: `c${index}`, ...one })),
    ...more,
  };
}

export const modelWith = (pods: readonly PagePod[], more: Partial<PageData> = {}): Model =>
  modelOf(page(pods, more));

export const rows = (model: Model, by: Level, scope: Scope = {}): readonly Entry[] =>
  tableEntries(model, podsIn(model, scope), scope, by);
