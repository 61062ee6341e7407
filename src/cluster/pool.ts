/** Keeps one copy of each repeated text and size: 150,000 pods share a few thousand workloads, container names and quantities. */
import { type Bytes, parseQuantity } from '../model/bytes.ts';

/** Beyond, texts are kept as they come: a pool of unique texts would only cost memory. */
const mostEntries = 100_000;
/** Characters. Longer texts hardly repeat. */
const longestText = 512;

export class Pool {
  private readonly texts = new Map<string, string>();
  private readonly sizes = new Map<string, Bytes | undefined>();

  text(text: string): string {
    const known = this.texts.get(text);
    if (known !== undefined) return known;
    if (this.texts.size < mostEntries && text.length <= longestText) this.texts.set(text, text);
    return text;
  }

  /** @param value a Quantity as the API writes it: a text, or a number @returns undefined if it is not one, or below 0 */
  size(value: unknown): Bytes | undefined {
    if (typeof value !== 'string' && typeof value !== 'number') return undefined;
    const text = String(value);
    if (this.sizes.has(text)) return this.sizes.get(text);
    const parsed = parseQuantity(text);
    const size = parsed !== undefined && parsed >= 0 ? parsed : undefined;
    if (this.sizes.size < mostEntries && text.length <= longestText) this.sizes.set(text, size);
    return size;
  }
}
