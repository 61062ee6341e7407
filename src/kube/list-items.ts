/** Splits a list of the API into its items while it arrives. A whole list can be larger than the agent's memory. */
import { BoundedBytes } from '../edges/bounded-bytes.ts';

/** Receives the text of each item. @param isWhole false: the text is the beginning of an item of `bytes` bytes */
export type EachItem = (text: string, isWhole: boolean, bytes: number) => void;

/** Reads JSON in chunks and passes on the elements of its top-level `items`. Its memory is bounded for any input. */
export class ItemCutter {
  /** The text around the items: the list with an empty `items`. */
  private readonly around: BoundedBytes;
  private readonly item: BoundedBytes;
  private depth = 0;
  private inString = false;
  private escaped = false;
  /** How many characters of the last top-level string match `items`; −1: it does not match. It may be the next key. */
  private key = -1;
  private inItems = false;

  /** @param mostAround maximum bytes around the items @param longestItem maximum bytes of one item */
  constructor(mostAround: number, longestItem: number) {
    this.around = new BoundedBytes(mostAround);
    this.item = new BoundedBytes(longestItem);
  }

  feed(chunk: Uint8Array, each: EachItem): void {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const code = chunk[at] as number;
      if (this.inString) {
        if (this.escaped) this.escaped = false;
        else if (code === backslash) this.escaped = true;
        else if (code === quote) this.inString = false;
        if (this.depth === 1 && this.inString)
          this.key = this.key >= 0 && code === items[this.key] ? this.key + 1 : -1;
      } else if (code === quote) {
        this.inString = true;
        if (this.depth === 1) this.key = 0;
      } else if (code === openBrace || code === openBracket) {
        if (this.inItems && this.depth === 2) {
          this.around.add(chunk.subarray(from, at));
          from = at;
        }
        this.depth++;
        if (this.depth === 2) this.inItems = code === openBracket && this.key === items.length;
      } else if (code === closeBrace || code === closeBracket) {
        this.depth--;
        if (this.inItems && this.depth === 2) {
          this.item.add(chunk.subarray(from, at + 1));
          from = at + 1;
          each(this.item.text, this.item.isWhole, this.item.length);
          this.item.clear();
        } else if (this.depth === 1) this.inItems = false;
      } else if (code === comma && this.inItems && this.depth === 2) {
        // Drop the comma between two items.
        this.around.add(chunk.subarray(from, at));
        from = at + 1;
      }
    }
    (this.inItems && this.depth > 2 ? this.item : this.around).add(chunk.subarray(from));
  }

  /** Whether the text around the items is within its bound. */
  get isWhole(): boolean {
    return this.around.isWhole;
  }

  /** The list without its items. */
  get rest(): string {
    return this.around.text;
  }

  /** The list without its items, closed after the last item read: for a list that is cut off. */
  get ended(): string {
    return this.inItems ? `${this.rest}]}` : this.rest;
  }
}

const items = Buffer.from('items');
const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];
