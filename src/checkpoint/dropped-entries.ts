/** The entries of a checkpoint that cannot be read: how many, and why the first one. */
import { longestQuote, printableUpTo } from '../model/text.ts';
import { CheckpointFields } from './fields.ts';

/** Characters of the line about the first dropped entry. */
const longestDropped = 240;

/** Reads entries one by one: an unreadable entry is dropped, the others stay. */
export class DroppedEntries {
  readonly dropped: { count: number; first?: string };
  private readonly where: string;

  constructor(dropped: DroppedEntries['dropped'] = { count: 0 }, where = '') {
    this.dropped = dropped;
    this.where = where;
  }

  below(where: string): DroppedEntries {
    return new DroppedEntries(this.dropped, `${printableUpTo(longestQuote, where)}: `);
  }

  read(name: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
      this.dropped.count++;
      this.dropped.first ??= printableUpTo(longestDropped, `${this.where}${name}: ${error.message}`);
    }
  }

  /** The readable items of a list. */
  list<Item>(fields: CheckpointFields, name: string, itemOf: (fields: CheckpointFields) => Item): Item[] {
    const items: Item[] = [];
    for (const [index, one] of fields.list(name, []).entries())
      this.read(`${name}[${index}]`, () => items.push(itemOf(new CheckpointFields(one))));
    return items;
  }
}
