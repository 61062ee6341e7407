/** A host may be called anything; a file name must stay in its directory. */
export const fileName = (node: string): string =>
  encodeURIComponent(node).replace(/^\.+/, (dots) => '%2E'.repeat(dots.length));
