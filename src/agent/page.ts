/** The page of an agent's node. Loaded at the first request: most agents are never asked. */
import { type Answer, plainText } from '../http/listener.ts';
import type { NodeReport } from '../model/report.ts';
import { pageOfReport } from '../page/from-report.ts';
import { dataAnswer, documentAnswer } from '../page/site.ts';

/** All requests get the same bytes. */
let document: Answer | undefined;
/** The data of the last report that was asked for. All requests until the next report get the same bytes. */
let made: { readonly report: NodeReport; readonly answer: Answer } | undefined;

export function pageAnswer(path: '/ui' | '/data.json', report: NodeReport | undefined): Answer {
  if (path === '/ui') {
    document ??= documentAnswer();
    return document;
  }
  if (report === undefined) return plainText(503, 'no report yet');
  if (made?.report !== report) made = { report, answer: dataAnswer(pageOfReport(report, 'node')) };
  return made.answer;
}
