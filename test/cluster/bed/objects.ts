/** Lists cluster objects of every kind that the API has. */
import type { Bed } from './bed.ts';

/** Lists objects with this label, cluster-wide and in all namespaces, as `KIND.GROUP/NAME`. */
export async function objectsWith(bed: Bed, label: string): Promise<readonly string[]> {
  const kinds = await kindsOf(bed);
  return named(bed, kinds, '--all-namespaces', '--selector', label);
}

export async function objectsIn(bed: Bed, namespace: string): Promise<readonly string[]> {
  const kinds = await kindsOf(bed, '--namespaced=true');
  return named(bed, kinds, '--namespace', namespace);
}

/** Leaves out events, because they outlive their objects. */
async function kindsOf(bed: Bed, ...args: string[]): Promise<readonly string[]> {
  const text = await bed.kubectl('api-resources', '--verbs=list,delete', '--output=name', ...args);
  return text.split('\n').filter((kind) => kind !== '' && !/^events\b/.test(kind));
}

async function named(bed: Bed, kinds: readonly string[], ...args: string[]): Promise<readonly string[]> {
  const text = await bed.kubectl('get', kinds.join(), '--output=name', '--ignore-not-found', ...args);
  return text
    .split('\n')
    .filter((name) => name !== '')
    .sort();
}
