/** A made cluster of any size. The same seed gives the same data. Names are invented. */
import type { Verdict } from '../../src/model/report.ts';
import type {
  PageContainer,
  PageData,
  PageNode,
  PagePatch,
  PagePod,
  PageSuggestion,
} from '../../src/page/data.ts';

const Mi = 1024 ** 2;
const Gi = 1024 ** 3;

/** 2026-11-26 00:27 UTC */
export const madeAt = 1_795_652_820_000;

interface Kind {
  readonly kind: string;
  readonly name: string;
  readonly typical: number;
  /** Page cache in proportion to real. */
  readonly cache: number;
  readonly tmpfs?: number;
  readonly sidecar?: true;
}

const kinds: readonly Kind[] = [
  { kind: 'StatefulSet', name: 'postgres', typical: 900 * Mi, cache: 3.5, tmpfs: 0.4 },
  { kind: 'Deployment', name: 'checkout', typical: 420 * Mi, cache: 0.1, sidecar: true },
  { kind: 'Deployment', name: 'cart', typical: 90 * Mi, cache: 0.05, sidecar: true },
  { kind: 'Deployment', name: 'catalog', typical: 180 * Mi, cache: 2.4 },
  { kind: 'StatefulSet', name: 'kafka', typical: 2.2 * Gi, cache: 2.8 },
  { kind: 'Deployment', name: 'recommendation-engine-canary', typical: 1.6 * Gi, cache: 0.2 },
  { kind: 'DaemonSet', name: 'fluent-bit', typical: 40 * Mi, cache: 3 },
  { kind: 'Deployment', name: 'session', typical: 260 * Mi, cache: 0.02, tmpfs: 0.3 },
  { kind: 'Deployment', name: 'frontend', typical: 140 * Mi, cache: 0.3 },
  { kind: 'CronJob', name: 'report', typical: 350 * Mi, cache: 1.2 },
  { kind: 'StatefulSet', name: 'elasticsearch-data', typical: 3.1 * Gi, cache: 1.6 },
  { kind: 'Deployment', name: 'gateway', typical: 75 * Mi, cache: 0.1 },
];

const namespaces = ['shop', 'data', 'payments', 'search', 'logging', 'monitoring', 'media', 'batch'];
const letters = 'bcdfghjklmnpqrstvwxz2456789';

/** Mulberry32: small, and good enough to vary figures. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Workload {
  readonly namespace: string;
  readonly workload: string;
  readonly kind: Kind;
  readonly hash: string;
  readonly request: number;
  readonly limit: number | undefined;
  readonly fill: number;
}

/** @param count number of pods */
export function madePage(count: number, seed = 1): PageData {
  const random = chance(seed);
  const word = (length: number): string =>
    Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join('');
  const nodeCount = Math.max(2, Math.ceil(count / 28));
  const nodeNames = Array.from(
    { length: nodeCount },
    (_, index) => `node-${String(index + 1).padStart(nodeCount > 99 ? 3 : 1, '0')}`,
  );
  const pods: PagePod[] = [];
  const workloads: Workload[] = [];
  for (let made = 0; pods.length < count; made++) {
    const workload = workloadOf(made, random, word);
    workloads.push(workload);
    const replicas = Math.min(count - pods.length, 1 + Math.floor(random() * (count > 1000 ? 12 : 4)));
    for (let replica = 0; replica < replicas; replica++) {
      const isSet = workload.kind.kind === 'StatefulSet';
      const name = isSet
        ? `${nameOf(workload)}-${replica}`
        : `${nameOf(workload)}-${workload.hash}-${word(5)}`;
      const node = nodeNames[Math.floor(random() * nodeNames.length)] ?? 'node-1';
      pods.push(podOf(workload, name, node, random));
    }
  }
  const suggestions = workloads.flatMap((workload) => suggestionsOf(workload, pods, random));
  return {
    ...{ scope: 'cluster', name: 'prod-eu-central-1', at: madeAt, version: '0.1.0', pods },
    nodes: nodeNames.map((name, index) => nodeOf(name, index, pods, random)),
    missing: count > 100 ? ['node-without-report'] : [],
    notes: ['2 nodes have no ValidatingAdmissionPolicyBinding, so their agents write to no pod.'],
    suggestions,
    patches: suggestions.map(patchOf),
  };
}

const nameOf = ({ workload }: Workload): string => workload.slice(workload.indexOf('/') + 1);

function workloadOf(made: number, random: () => number, word: (length: number) => string): Workload {
  const kind = kinds[made % kinds.length] as Kind;
  const round = Math.floor(made / kinds.length);
  const namespace = namespaces[Math.floor(random() * namespaces.length)] as string;
  const typical = kind.typical * (0.5 + 1.2 * random());
  const limit = random() < 0.1 ? undefined : roundMi(typical * (1.3 + 2.2 * random()));
  return {
    ...{ namespace, kind, limit, workload: `${kind.kind}/${kind.name}${round === 0 ? '' : `-${round}`}` },
    hash: word(9),
    request: roundMi(Math.min(limit ?? Number.POSITIVE_INFINITY, typical * (0.9 + 1.3 * random()))),
    fill: 0.3 + 0.42 * random() + (random() < 0.08 ? 0.4 : 0),
  };
}

const roundMi = (bytes: number): number => Math.max(32, Math.round(bytes / Mi / 32) * 32) * Mi;

function podOf(
  { namespace, workload, kind, request, limit, fill }: Workload,
  name: string,
  node: string,
  random: () => number,
): PagePod {
  const whole = limit ?? request * 1.5;
  const real = Math.min(whole * 0.985, whole * fill * (0.9 + 0.2 * random()));
  const main = containerOf(
    nameOfContainer(kind),
    { real, whole, cache: kind.cache, tmpfs: kind.tmpfs ?? 0, request, limit },
    random,
  );
  const proxy: readonly PageContainer[] = kind.sidecar
    ? [
        {
          ...containerOf(
            'proxy',
            {
              real: 24 * Mi * (0.8 + 0.4 * random()),
              whole: 128 * Mi,
              cache: 0.3,
              tmpfs: 0,
              request: 64 * Mi,
              limit: 128 * Mi,
            },
            random,
          ),
          type: 'sidecar',
        },
      ]
    : [];
  const containers = [main, ...proxy];
  return {
    ...{ namespace, name, node, workload, containers },
    ooms: containers.reduce((sum, { ooms = 0 }) => sum + ooms, 0),
  };
}

const nameOfContainer = ({ name }: Kind): string => (name.includes('-') ? 'main' : name);

interface Given {
  readonly real: number;
  readonly whole: number;
  readonly cache: number;
  readonly tmpfs: number;
  readonly request: number;
  readonly limit: number | undefined;
}

function containerOf(
  name: string,
  { real: given, whole, cache, tmpfs, request, limit }: Given,
  random: () => number,
): PageContainer {
  const real = Math.round(given);
  const room = limit === undefined ? real * cache : Math.min(real * cache, whole - real);
  const active = Math.round(Math.max(0, room) * (0.6 + 0.3 * random()));
  const usage = real + Math.max(active, Math.round(room * (0.95 + 0.05 * random())));
  const share = limit === undefined ? 0 : real / limit;
  const ooms = share > 0.95 && random() < 0.5 ? Math.ceil(random() * 30) : 0;
  const inTmpfs = Math.round(real * tmpfs);
  const kernel = Math.round(real * (0.02 + 0.04 * random()));
  return {
    ...{
      name,
      real,
      usage,
      request,
      workingSet: real + active,
      peak: Math.round(Math.min(whole, real * (1 + 0.3 * random()))),
    },
    ...(limit !== undefined && { limit }),
    ...{ tmpfs: inTmpfs, kernel, slabReclaimable: Math.round(kernel * 0.4), anon: real - inTmpfs - kernel },
    ...(ooms > 0 && { ooms }),
    verdict: verdictOf(share, ooms, limit, request, real, random),
    suggestRequest: roundMi(real * 1.05),
    suggestLimit: roundMi(real * 1.4),
  };
}

function verdictOf(
  share: number,
  ooms: number,
  limit: number | undefined,
  request: number,
  real: number,
  random: () => number,
): Verdict {
  if (ooms > 0) return 'OOMKilled';
  if (share >= 0.9) return 'NearLimit';
  if (random() < 0.006) return 'Leaking';
  if (request > 2 * real) return 'Oversized';
  return limit === undefined ? 'NoLimit' : 'OK';
}

function nodeOf(name: string, index: number, pods: readonly PagePod[], random: () => number): PageNode {
  const own = pods.filter((pod) => pod.node === name).flatMap(({ containers }) => containers);
  const sum = (of: (one: PageContainer) => number | undefined): number =>
    own.reduce((total, one) => total + (of(one) ?? 0), 0);
  const podsReal = sum(({ real }) => real);
  const [systemReal, kernelReal] = [
    Math.round((0.6 + 0.4 * random()) * Gi),
    Math.round((0.3 + 0.2 * random()) * Gi),
  ];
  const real = podsReal + systemReal + kernelReal;
  const used = real + sum(({ usage = 0, real: part = 0 }) => usage - part) + Math.round(1.5 * Gi * random());
  const capacity = Math.ceil(Math.max(16 * Gi, used * 1.15) / (8 * Gi)) * 8 * Gi;
  const isStale = index === 1 && pods.length > 100;
  return {
    ...{
      name,
      from: 'report',
      capacity,
      allocatable: Math.round(capacity * 0.93),
      real,
      used,
      podsReal,
      systemReal,
      kernelReal,
    },
    ...{
      observedAt: madeAt - (isStale ? 10_800_000 : 20_000),
      agent: '0.1.0',
      workingSet: Math.round(real + (used - real) * 0.6),
    },
    ...(isStale && { staleSeconds: 10_800 }),
    tmpfs: sum(({ tmpfs }) => tmpfs),
    available: capacity - real,
  };
}

function suggestionsOf(
  { namespace, workload, kind, request: requestNow, limit: limitNow, fill }: Workload,
  pods: readonly PagePod[],
  random: () => number,
): readonly PageSuggestion[] {
  const own = pods.filter((pod) => pod.namespace === namespace && pod.workload === workload);
  const container = nameOfContainer(kind);
  const all = own.flatMap(({ containers }) => containers).filter(({ name }) => name === container);
  if (all.length === 0) return [];
  const real = Math.max(...all.map((one) => one.real ?? 0));
  const [request, limit] = [roundMi(real * 1.05), roundMi(real * 1.4)];
  const kills = all.reduce((sum, { ooms = 0 }) => sum + ooms, 0);
  const days = Math.round(random() * 200) / 10;
  const risk =
    kills > 0
      ? 'killed'
      : fill > 0.9
        ? 'too low'
        : limitNow === undefined
          ? 'no limit'
          : requestNow > 1.5 * request
            ? 'too much'
            : '';
  return [
    {
      ...{ namespace, workload, container, replicas: own.length, requestNow, request, limit, risk, days },
      ...(limitNow !== undefined && { limitNow }),
      ...(kills > 0 && { kills }),
      frees: own.length * (requestNow - request),
      confidence: days < 1 ? 'low' : days < 7 ? 'medium' : 'high',
      because: [
        `Request ${request / Mi}Mi: p95 of the 5-minute peaks (${Math.round(real / Mi)}Mi).`,
        `Limit ${limit / Mi}Mi: best trade-off between waste (29 % headroom) and risk (≈ 0.02 OOM kills/day).`,
      ],
      history: {
        firstDay: Math.floor(madeAt / 86_400_000) - 13,
        peaks: Array.from({ length: 14 }, (_, day) =>
          day === 3 ? null : Math.round(real * (0.8 + 0.2 * random())),
        ),
      },
    },
  ];
}

const patchOf = ({ namespace, workload, container, request = 0, limit = 0 }: PageSuggestion): PagePatch => ({
  ...{ namespace, workload },
  command: `kubectl patch --namespace ${namespace} ${workload.toLowerCase()} --patch '
spec:
  template:
    spec:
      containers:
      - name: ${container}
        resources:
          requests: {memory: ${request / Mi}Mi}
          limits: {memory: ${limit / Mi}Mi}
'
`,
});
