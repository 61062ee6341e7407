/** The pages that the agent serves over HTTP. */
import { type Answer, plainText, type Site } from '../http/listener.ts';
import { renderMetrics } from '../render/metrics.ts';
import { type OutputFormat, render } from '../render/render.ts';
import type { Health } from './health.ts';

const encoder = new TextEncoder();

/** Renders a page at the first request after a pass. All requests until the next pass get the same bytes. */
function oncePerPass(health: Health, type: string, text: () => string): () => Answer {
  let rendered: { readonly pass: number; readonly answer: Answer } | undefined;
  return () => {
    const pass = health.metrics.passes;
    if (rendered?.pass !== pass)
      rendered = { pass, answer: { status: 200, type, body: encoder.encode(text()) } };
    return rendered.answer;
  };
}

/** Serves /healthz, /readyz and /metrics. @param ticks milliseconds of the monotonic clock */
export function probeSite(health: Health, ticks: () => number): Site {
  const metrics = oncePerPass(health, 'text/plain; version=0.0.4', () =>
    renderMetrics(health.report, health.metrics),
  );
  return {
    probe: (path) => {
      if (path === '/healthz')
        return health.isLive(ticks())
          ? plainText(200, 'ok')
          : plainText(503, 'the last pass was too long ago');
      if (path === '/readyz') return health.isReady ? plainText(200, 'ok') : plainText(503, 'no report yet');
      return undefined;
    },
    page: (path) => (path === '/metrics' ? metrics() : undefined),
  };
}

const forms: Readonly<Record<string, readonly [OutputFormat, string]>> = {
  '/': ['table', 'text/plain'],
  '/wide': ['wide', 'text/plain'],
  '/report.json': ['json', 'application/json'],
  '/report.yaml': ['yaml', 'application/yaml'],
  '/report.csv': ['csv', 'text/csv'],
};

/**
 * Serves the last report in the format of each path; 503 before the first report.
 * @param inspect answers the paths of inspections; without it they are not found
 */
export function reportSite(health: Health, inspect?: Site['slowPage']): Site {
  const pages = new Map(
    Object.entries(forms).map(([path, [format, type]]) => {
      const options = { by: 'container', headers: true, all: false, sortBy: 'real' } as const;
      const text = (): string => (health.report === undefined ? '' : render(health.report, format, options));
      return [path, oncePerPass(health, type, text)] as const;
    }),
  );
  return {
    ...(inspect !== undefined && { slowPage: inspect }),
    page(path) {
      const page = pages.get(path);
      return page === undefined || health.report !== undefined ? page?.() : plainText(503, 'no report yet');
    },
  };
}
