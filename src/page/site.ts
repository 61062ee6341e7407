/** What a listener answers for the page: the document, and the data that it fetches. */
import { type HttpAnswer, plainText } from '../http/listener.ts';
import { messageOf } from '../model/located-error.ts';
import { printable } from '../model/text.ts';
import type { PageData } from './data.ts';
import { pageDocument } from './document.ts';
import { packPage } from './pack.ts';
import { pageTemplate } from './template.ts';

/** Where the document fetches its data, relative to itself. */
export const dataPath = '/data.json';

const encoder = new TextEncoder();

/** No page of another origin keeps a handle on the window. */
const headers = { 'cross-origin-opener-policy': 'same-origin' };

/** The document without data. */
export function documentAnswer(): HttpAnswer {
  const { html, policy } = pageDocument(pageTemplate());
  return {
    status: 200,
    type: 'text/html',
    body: encoder.encode(html),
    headers: { ...headers, 'content-security-policy': policy },
  };
}

export const dataAnswer = (data: PageData): HttpAnswer => ({
  status: 200,
  type: 'application/json',
  body: encoder.encode(JSON.stringify(packPage(data))),
});

/** A sentence that the page shows instead of new data. */
export const troubleAnswer = (error: unknown): HttpAnswer => plainText(502, printable(messageOf(error)));
