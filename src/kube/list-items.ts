/** A list of the API, cut into its items while it comes in: whole, that of a node can be larger than the agent. */
import { BoundedBytes } from '../edges/bounded-bytes.ts';

/** The texts of items, one after the other. @param isWhole otherwise the text is how a longer one begins */
export type EachItem = (text: string, isWhole: boolean, bytes: number) => void;

/** Takes JSON in pieces, and gives out the elements of its top-level `items`. Its memory is bounded, whatever comes. */
export class ItemCutter {
  /** What stands around the items: the list with none in it. */
  private readonly around: BoundedBytes;
  private readonly item: BoundedBytes;
  private depth = 0;
  private inString = false;
  private escaped = false;
  /** The last string at the top level, which may be the key of what follows: how much of it is `items`; −1: it is not. */
  private key = -1;
  private inItems = false;

  /** @param mostAround bytes beside the items @param longestItem bytes of one */
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
        // Between items that are not there any more.
        this.around.add(chunk.subarray(from, at));
        from = at + 1;
      }
    }
    (this.inItems && this.depth > 2 ? this.item : this.around).add(chunk.subarray(from));
  }

  /** Whether what stands around the items is within its bound. */
  get isWhole(): boolean {
    return this.around.isWhole;
  }

  /** The list without its items. */
  get rest(): string {
    return this.around.text;
  }

  /** The same of a list that is read no further: as if it ended after the last item. */
  get ended(): string {
    return this.inItems ? `${this.rest}]}` : this.rest;
  }
}

const items = Buffer.from('items');
const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];
