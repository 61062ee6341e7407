/** What people give for a list of pods → its items. */
import { isFields } from '../model/json.ts';

/**
 * A List, a PodList, one Pod, or several of these in a list: `jq .items`, documents one after the other.
 * @returns undefined where there is no pod and no list of them in it
 */
export function podItemsOf(value: unknown): readonly unknown[] | undefined {
  if (!Array.isArray(value)) return oneOf(value);
  const found = value.flatMap((one: unknown) => oneOf(one) ?? (isPodLike(one) ? [one] : []));
  return value.length > 0 && found.length === 0 ? undefined : found;
}

function oneOf(value: unknown): readonly unknown[] | undefined {
  if (!isFields(value)) return undefined;
  const { kind, items } = value;
  return kind === 'Pod' ? [value] : Array.isArray(items) ? items : undefined;
}

/** The API does not say of the items of a PodList that they are pods. */
const isPodLike = (value: unknown): boolean =>
  isFields(value) && value['kind'] === undefined && isFields(value['metadata']);
