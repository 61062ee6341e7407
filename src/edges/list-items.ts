/** A list of the API, cut into its items while it comes in: whole, that of a node can be larger than the agent. */

/** Takes JSON in pieces, and gives out the elements of its top-level `items`. */
export class ItemCutter {
  /** What stands around the items: the list with none in it. */
  private around = '';
  private item = '';
  private depth = 0;
  private inString = false;
  private escaped = false;
  /** The last string at the top level, which may be the key of what follows. */
  private key = '';
  private inItems = false;

  /** @returns the text of each item that is complete now */
  feed(text: string): readonly string[] {
    const items: string[] = [];
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (this.inString) {
        if (this.escaped) this.escaped = false;
        else if (code === backslash) this.escaped = true;
        else if (code === quote) this.inString = false;
        if (this.depth === 1 && this.inString) this.key += text[at];
      } else if (code === quote) {
        this.inString = true;
        if (this.depth === 1) this.key = '';
      } else if (code === openBrace || code === openBracket) {
        if (this.inItems && this.depth === 2) {
          this.around += text.slice(from, at);
          from = at;
        }
        this.depth++;
        if (this.depth === 2) this.inItems = code === openBracket && this.key === 'items';
      } else if (code === closeBrace || code === closeBracket) {
        this.depth--;
        if (this.inItems && this.depth === 2) {
          items.push(this.item + text.slice(from, at + 1));
          this.item = '';
          from = at + 1;
        } else if (this.depth === 1) this.inItems = false;
      } else if (code === comma && this.inItems && this.depth === 2) {
        // Between items that are not there any more.
        this.around += text.slice(from, at);
        from = at + 1;
      }
    }
    if (this.inItems && this.depth > 2) this.item += text.slice(from);
    else this.around += text.slice(from);
    return items;
  }

  /** How many characters wait for the rest. */
  get held(): number {
    return this.around.length + this.item.length;
  }

  /** The list without its items. */
  rest(): string {
    return this.around;
  }
}

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];
