/** Content negotiation: which of the offered formats and encodings a client prefers (RFC 9110, section 12). */

interface Offer {
  /** `text/plain` */
  readonly type: string;
  readonly version: string;
}

/** A client can name more only to waste time. */
const mostChoices = 64;

interface Choice {
  readonly value: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** 0 to 1; 0 means not acceptable. */
  readonly quality: number;
}

function choicesIn(header: string): readonly Choice[] {
  return header
    .split(',', mostChoices)
    .map((text) => {
      const [value = '', ...rest] = text.split(';').map((part) => part.trim().toLowerCase());
      const parameters = new Map(
        rest.map((part) => {
          const [name = '', given = ''] = part.split('=', 2);
          return [name.trim(), given.trim().replace(/^"(.*)"$/, '$1')] as const;
        }),
      );
      const q = parameters.get('q');
      const quality = q === undefined ? 1 : /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(q) ? Number(q) : 0;
      return { value, parameters, quality };
    })
    .filter(({ value }) => value !== '');
}

/** How exactly a media range names the offer: 0 not at all, 1 any type, 2 any subtype, 3 the type, 4 its version too. */
function precision({ type, version }: Offer, { value, parameters }: Choice): number {
  if (value === '*/*') return 1;
  if (value === `${type.split('/', 1)[0]}/*`) return 2;
  if (value !== type) return 0;
  const wanted = parameters.get('version');
  return wanted === undefined ? 3 : wanted === version ? 4 : 0;
}

/** The quality that the most precise media range gives to the offer. */
function qualityOf(offer: Offer, choices: readonly Choice[]): number {
  let [best, quality] = [0, 0];
  for (const choice of choices) {
    const precise = precision(offer, choice);
    if (precise > best || (precise === best && precise > 0 && choice.quality > quality))
      [best, quality] = [precise, choice.quality];
  }
  return quality;
}

/**
 * The offer that the client prefers, and of equal ones the first.
 * @param accept the header as sent; absent: the client accepts everything
 * @param otherwise for a client that accepts none of the offers, or names none
 */
export function preferredOffer<Key extends string>(
  accept: string | undefined,
  offers: readonly (readonly [Key, Offer])[],
  otherwise: Key,
): Key {
  const choices = choicesIn(accept ?? '');
  let [found, best] = [otherwise, 0];
  for (const [key, offer] of offers) {
    const quality = qualityOf(offer, choices);
    if (quality > best) [found, best] = [key, quality];
  }
  return found;
}

/** Whether the client asks for gzip, and does not prefer the plain bytes. A header without gzip or `*` does not ask. */
export function asksForGzip(acceptEncoding: string | undefined): boolean {
  const qualities = new Map(choicesIn(acceptEncoding ?? '').map(({ value, quality }) => [value, quality]));
  const gzip = qualities.get('gzip') ?? qualities.get('x-gzip') ?? qualities.get('*') ?? 0;
  return gzip > 0 && gzip >= (qualities.get('identity') ?? 0);
}
