/** The page as one HTML file. `npm run page` makes the template, which has script, style and their hashes in it. */
import type { PageData } from './data.ts';
import { packPage } from './pack.ts';

export interface PageDocument {
  readonly html: string;
  /** Value of the header Content-Security-Policy. */
  readonly policy: string;
}

/** The template, from the directory of this file. */
export const templateFile = 'built/page.html';

/** Where the data goes. Without data the browser asks its origin for `data.json`. */
export const dataPlace = '<script type="application/json" id="data"></script>';

const served = "connect-src 'self'";

/**
 * @param template text of `templateFile`
 * @param data absent: the page fetches its data, and fetches it again while someone looks
 */
export function pageDocument(template: string, data?: PageData): PageDocument {
  const html =
    data === undefined
      ? template
      : template
          .replace(served, "connect-src 'none'")
          .replace(dataPlace, () => dataPlace.replace('><', () => `>${scriptText(packPage(data))}<`));
  const meta = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1];
  if (meta === undefined) throw new Error(`${templateFile}: expected a Content-Security-Policy, got none`);
  // A policy in the document cannot say who may frame it.
  return { html, policy: `${meta}; frame-ancestors 'none'` };
}

/** JSON that ends no script element and starts no comment in it. */
export const scriptText = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
