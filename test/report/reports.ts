/** Reports for tests: small ones, one of a recorded host, and random ones with hostile text. */
import fs from 'node:fs';
import fc from 'fast-check';
import { parse } from 'yaml';
import type { AgentMetrics } from '../../src/metrics/agent.ts';
import { DurationHistogram } from '../../src/metrics/histogram.ts';
import type {
  Condition,
  ContainerReport,
  NodeMemory,
  NodeReport,
  OtherReport,
  PodReport,
} from '../../src/model/report.ts';
import type { MemoryUsage } from '../../src/model/usage.ts';
import { anyText } from '../model/any-text.ts';

/** Figures as plain numbers. */
export type Figures = { readonly [field in keyof MemoryUsage]?: number | string | boolean | undefined };

type Made<Report> = Partial<Omit<Report, keyof MemoryUsage | 'restBytes'>> &
  Figures & { readonly restBytes?: number };

export const containerOf = (more: Made<ContainerReport> = {}): ContainerReport =>
  ({
    podUID: 'uid',
    id: '0123456789abcdef',
    type: 'container',
    cgroup: '/kubepods/poduid/id',
    ...more,
  }) as ContainerReport;

export const podOf = (more: Made<PodReport> = {}): PodReport =>
  ({ uid: 'uid', qos: 'Burstable', cgroup: '/kubepods/poduid', ...more }) as PodReport;

export const otherOf = (more: Made<OtherReport> = {}): OtherReport =>
  ({ cgroup: '/system.slice/ssh.service', type: 'service', name: 'ssh', ...more }) as OtherReport;

export const nodeOf = (
  more: { readonly [field in Exclude<keyof NodeMemory, 'parts'>]?: number } = {},
): NodeMemory =>
  ({
    ...{ totalBytes: 1000, freeBytes: 400, usedBytes: 600, buffersBytes: 10, cachedBytes: 200 },
    asPublished: { realUsedBytes: 390, realFreeBytes: 610 },
    ...more,
  }) as NodeMemory;

export const reportOf = (more: Partial<NodeReport> = {}): NodeReport => ({
  apiVersion: 'realmem.dev/v1alpha1',
  kind: 'NodeMemoryReport',
  metadata: { name: 'node-1' },
  observed: { agent: '0.0.0' },
  ...{ pods: [], containers: [], others: [], skipped: [], conditions: [] },
  ...more,
});

/** The report of a recorded host. */
export const recorded = (host: string): NodeReport =>
  parse(
    fs.readFileSync(new URL(`../../fixtures/hosts/${host}/report.yaml`, import.meta.url), 'utf8'),
  ) as NodeReport;

const passDurations = new DurationHistogram();
for (const seconds of [0.22, 0.03]) passDurations.observe(seconds);

export const agent: AgentMetrics = {
  ...{ version: '1.2.3', passes: 7, passDurations, lastPassSeconds: 0.03, overruns: 0, readFaults: 2 },
  clockDoubts: 0,
  clockTrusted: true,
  sinkFailures: new Map([['standard output', 0]]),
  closedConnections: new Map([['total_limit', 3]]),
};

/** Text that controls terminals, breaks out of quotes, begins a formula, or has a meaning in a format. */
const hostile: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...[
      '\u001b[31mred\u001b[0m',
      '\u009b2J',
      'user\u202egpj.exe',
      'a\nb',
      'a\r\nNODE x',
      '\u2028',
      'x\u200b',
      '\u0000',
    ],
    ...[
      '"',
      '\\',
      '\\"',
      "'",
      'a"b\\c',
      'a\\nb',
      '\\u001b',
      '} 1\nfake_metric 7',
      'a,b',
      '", "',
      '\ud800',
      '\u{e0041}',
    ],
    ...[
      '=1+1',
      '+1',
      '-1',
      '@SUM(A1)',
      '\t=1',
      '#',
      '- a',
      'a: b',
      'a #b',
      '|',
      '>',
      '&a',
      '*a',
      '!x',
      '%',
      '---',
      '{',
      '[',
    ],
    ...[
      '',
      ' ',
      'null',
      '~',
      'true',
      'no',
      'on',
      'y',
      '1',
      '0123',
      '0x1F',
      '0o17',
      '1e3',
      '1_000',
      '12:30:00',
      '.5',
      '.inf',
    ],
    ...['<<', '=', '2026-01-02', 'kube-system', '日本語', '🎉'],
  ),
  anyText({ maxLength: 12 }),
);

const figures: fc.Arbitrary<Figures> = fc.record(
  {
    ...{ usageBytes: fc.nat(), realBytes: fc.nat(), workingSetBytes: fc.nat(), limitBytes: fc.nat() },
    ...{ requestBytes: fc.nat(), peakRealBytes: fc.nat(), oomKills: fc.nat(9), limitFrom: hostile },
    ...{ psiSomeAvg60: fc.integer({ min: 0, max: 10_000 }).map((n) => n / 100), clamped: fc.constant(true) },
  },
  { requiredKeys: [] },
);

const withFigures = <Value extends object>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value & Figures> =>
  fc.tuple(value, figures).map(([one, more]) => ({ ...one, ...more }));

const few = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value[]> => fc.array(value, { maxLength: 3 });

/** A random report in which every text from outside is hostile. */
export const hostileReport: fc.Arbitrary<NodeReport> = fc
  .record({
    metadata: fc.record({ name: hostile }),
    observed: fc.record(
      { agent: fc.constant('0.0.0'), at: hostile, kernel: hostile },
      { requiredKeys: ['agent'] },
    ),
    node: fc.option(fc.constant(nodeOf({ realUsedBytes: 500, sharedBytes: 110 })), { nil: undefined }),
    pods: few(
      withFigures(
        fc.record(
          {
            namespace: hostile,
            name: hostile,
            uid: hostile,
            qos: hostile,
            workload: hostile,
            cgroup: hostile,
          },
          { requiredKeys: ['uid', 'qos', 'cgroup'] },
        ),
      ),
    ),
    containers: few(
      withFigures(
        fc.record(
          {
            ...{
              namespace: hostile,
              pod: hostile,
              podUID: hostile,
              name: hostile,
              id: hostile,
              runtime: hostile,
            },
            ...{ type: fc.constantFrom('container', 'sandbox', 'unknown'), cgroup: hostile },
          },
          { requiredKeys: ['podUID', 'id', 'type', 'cgroup'] },
        ),
      ),
    ),
    others: few(
      withFigures(
        fc.record({
          cgroup: hostile,
          type: fc.constantFrom('service', 'container', 'slice', 'vm'),
          name: hostile,
        }),
      ),
    ),
    skipped: few(fc.record({ cgroup: hostile, why: hostile })),
    conditions: few(
      fc.record({
        type: hostile,
        status: fc.constantFrom('True', 'False'),
        reason: hostile,
        message: hostile,
      }),
    ) as fc.Arbitrary<Condition[]>,
  })
  .map(({ node, ...report }) =>
    reportOf({ ...(node && { node }), ...(report as unknown as Partial<NodeReport>) }),
  );
