/** The page of an agent's node. Loaded at the first request: most agents are never asked. */
import { type HttpAnswer, plainText } from '../http/listener.ts';
import type { NodeReport } from '../model/report.ts';
import { pageOfReport } from '../page/from-report.ts';
import { dataAnswer, documentAnswer } from '../page/site.ts';

export type NodePage = (path: '/ui' | '/data.json', report: NodeReport | undefined) => HttpAnswer;

/** Answers that are made once: the document, and the data of each report. */
export function nodePage(): NodePage {
  let document: HttpAnswer | undefined;
  let made: { readonly report: NodeReport; readonly answer: HttpAnswer } | undefined;
  return (path, report) => {
    if (path === '/ui') {
      document ??= documentAnswer();
      return document;
    }
    if (report === undefined) return plainText(503, 'no report yet');
    if (made?.report !== report) made = { report, answer: dataAnswer(pageOfReport(report, 'node')) };
    return made.answer;
  };
}
