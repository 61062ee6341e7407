/** The pages that the agent serves over HTTP. */
import type { OwnProcess } from '../edges/machine.ts';
import { beginGzip, endGzip } from '../edges/pack.ts';
import { asksForGzip, preferredOffer } from '../http/accept.ts';
import { type Accepts, type HttpAnswer, type HttpSite, plainText } from '../http/listener.ts';
import { type MetricFormat, metricFormats, renderOwn, renderReport } from '../metrics/metrics.ts';
import { messageOf } from '../model/located-error.ts';
import { printable } from '../model/text.ts';
import { type OutputFormat, render } from '../render/render.ts';
import type { Health } from './health.ts';
import type { NodePage } from './page.ts';

const encoder = new TextEncoder();

/** Makes a page at the first request after a pass. All requests until the next pass get the same one. */
function oncePerPass<Page>(health: Health, make: () => Page): () => Page {
  let last: { readonly passes: number; readonly page: Page } | undefined;
  return () => {
    const { passes } = health.metrics;
    if (last?.passes !== passes) last = { passes, page: make() };
    return last.page;
  };
}

/** Makes something once per report. Whoever never asks again keeps no old report alive. */
function oncePerReport<Made>(health: Health, make: () => Made): () => Made {
  const made = new WeakMap<object, { readonly made: Made }>();
  return () => {
    const key = health.report ?? noReport;
    let known = made.get(key);
    if (known === undefined) {
      known = { made: make() };
      made.set(key, known);
    }
    return known.made;
  };
}

const noReport = {};

/**
 * `/metrics` in one format: its bytes, and the same compressed. The part of the report, nearly all of it, is made and
 * compressed once per report; only the agent's own figures are made anew after each pass.
 */
function metricsPage(health: Health, format: MetricFormat, process: () => OwnProcess) {
  const { type, version } = metricFormats[format];
  const headers = { vary: 'accept, accept-encoding' };
  const head = { status: 200, type: `${type}; version=${version}`, headers } as const;
  const report = (): Uint8Array => encoder.encode(renderReport(health.report, format));
  const own = (): Uint8Array =>
    encoder.encode(renderOwn({ agent: health.metrics, process: process() }, format));
  const plainReport = oncePerReport(health, report);
  // Most scrapes ask for gzip. Then the plain bytes are not kept.
  const begun = oncePerReport(health, () => beginGzip(report()));
  return {
    plain: oncePerPass(health, (): HttpAnswer => ({ ...head, body: joined(plainReport(), own()) })),
    gzip: oncePerPass(health, async (): Promise<HttpAnswer> => {
      try {
        const ownBytes = own();
        return {
          ...head,
          body: await endGzip(await begun(), ownBytes),
          headers: { ...headers, 'content-encoding': 'gzip' },
        };
      } catch (error) {
        return plainText(500, printable(messageOf(error)));
      }
    }),
  };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

const offers = (['text', 'openMetrics'] as const).map((format) => [format, metricFormats[format]] as const);

/**
 * Serves /healthz, /readyz and /metrics.
 * @param ticks milliseconds of the monotonic clock
 * @param own what the kernel says of this process now
 */
export function probeSite(health: Health, ticks: () => number, own: () => OwnProcess): HttpSite {
  const pages = {
    text: metricsPage(health, 'text', own),
    openMetrics: metricsPage(health, 'openMetrics', own),
  };
  const pageFor = ({ accept }: Accepts) => pages[preferredOffer(accept, offers, 'text')];
  return {
    probe: (path) => {
      if (path === '/healthz')
        return health.isLive(ticks())
          ? plainText(200, 'ok')
          : plainText(503, 'the last pass was too long ago');
      if (path === '/readyz') return health.isReady ? plainText(200, 'ok') : plainText(503, 'no report yet');
      return undefined;
    },
    page: (path, accepts = {}) =>
      path === '/metrics' && !asksForGzip(accepts.acceptEncoding) ? pageFor(accepts).plain() : undefined,
    slowPage: (path, accepts = {}) => (path === '/metrics' ? pageFor(accepts).gzip() : undefined),
  };
}

const forms: Readonly<Record<string, readonly [OutputFormat, string]>> = {
  '/': ['table', 'text/plain'],
  '/wide': ['wide', 'text/plain'],
  '/report.json': ['json', 'application/json'],
  '/report.yaml': ['yaml', 'application/yaml'],
  '/report.csv': ['csv', 'text/csv'],
};

/** The page, and the data that it fetches. */
const pagePaths = ['/ui', '/data.json'] as const;

/** Answers undefined for another path. Never rejects. */
function pageOf(health: Health): (path: string) => Promise<HttpAnswer> | undefined {
  let page: Promise<NodePage> | undefined;
  return (path) => {
    const found = pagePaths.find((one) => one === path);
    if (found === undefined) return undefined;
    page ??= import('./page.ts').then(({ nodePage }) => nodePage());
    return page
      .then((answer) => answer(found, health.report))
      .catch((error) => plainText(500, printable(messageOf(error))));
  };
}

/**
 * Serves the last report in the format of each path; 503 before the first report.
 * @param inspect answers the paths of inspections; without it they are not found
 */
export function reportSite(health: Health, inspect?: HttpSite['slowPage']): HttpSite {
  const pages = new Map(
    Object.entries(forms).map(([path, [format, type]]) => {
      const options = { by: 'container', headers: true, all: false, sortBy: 'real' } as const;
      const text = (): string => (health.report === undefined ? '' : render(health.report, format, options));
      return [
        path,
        oncePerPass(health, (): HttpAnswer => ({ status: 200, type, body: encoder.encode(text()) })),
      ] as const;
    }),
  );
  const ui = pageOf(health);
  return {
    slowPage: (path) => ui(path) ?? inspect?.(path),
    page(path) {
      const page = pages.get(path);
      return page === undefined || health.report !== undefined ? page?.() : plainText(503, 'no report yet');
    },
  };
}
