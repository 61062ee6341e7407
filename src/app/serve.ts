/** What the agent answers over HTTP. */
import type { Answer } from '../edges/http.ts';
import { renderMetrics } from '../report/metrics.ts';
import { type OutputFormat, render } from '../report/render.ts';
import type { Health } from './health.ts';

const plain = (status: number, body: string): Answer => ({ status, type: 'text/plain', body: `${body}\n` });

/** /healthz, /readyz, /metrics */
export function answerProbe(path: string, health: Health, at: number): Answer | undefined {
  switch (path) {
    case '/healthz':
      return health.isLive(at) ? plain(200, 'ok') : plain(503, 'the last pass is too long ago');
    case '/readyz':
      return health.isReady ? plain(200, 'ok') : plain(503, 'no report yet');
    case '/metrics':
      return {
        status: 200,
        type: 'text/plain; version=0.0.4',
        body: renderMetrics(health.report, health.metrics),
      };
    default:
      return undefined;
  }
}

const forms: Readonly<Record<string, readonly [OutputFormat, string]>> = {
  '/': ['table', 'text/plain'],
  '/wide': ['wide', 'text/plain'],
  '/report.json': ['json', 'application/json'],
  '/report.yaml': ['yaml', 'application/yaml'],
  '/report.csv': ['csv', 'text/csv'],
};

/** The last report, in the form its path asks for. */
export function answerReport(path: string, { report }: Health): Answer | undefined {
  const form = forms[path];
  if (form === undefined) return undefined;
  if (report === undefined) return plain(503, 'no report yet');
  const [format, type] = form;
  const body = render(report, format, { by: 'container', headers: true, all: false, sortBy: 'real' });
  return { status: 200, type, body };
}
