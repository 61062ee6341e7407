/** Text → a whole number below 2^32, spread evenly: the same text, the same number. No secret is safe with it. */
export function hashOf(text: string): number {
  // FNV-1a, and the end of MurmurHash3: without it texts that differ in their last letters alone come out close together.
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
