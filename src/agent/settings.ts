/** Every setting of the agent: its name, what it takes, what it is unless given. */

import { type LogLevel, logLevels } from '../edges/log.ts';
import type { Address } from '../http/listener.ts';
import { type OutputFormat, outputs } from '../render/render.ts';

export interface Config {
  readonly root: string;
  readonly pods?: string;
  readonly kubeconfig?: string;
  readonly node?: string;
  readonly periodMs: number;
  readonly reportPeriodMs: number;
  readonly publishPeriodMs: number;
  readonly resource: boolean;
  readonly configMap: boolean | 'auto';
  readonly annotations: boolean;
  readonly annotationPeriodMs: number;
  readonly allowUnguardedWrites: boolean;
  readonly history: boolean;
  readonly historyPeriodMs: number;
  readonly historyDir: string | 'off';
  readonly output: OutputFormat | 'off';
  readonly reportDir: string | 'off';
  readonly probeAddress: Address | 'off';
  readonly metricsAuth: boolean;
  readonly tlsCertFile?: string;
  readonly tlsKeyFile?: string;
  readonly reportAddress: Address | 'off';
  readonly logLevel: LogLevel;
}

export interface Setting<Value> {
  /** How a value is written, for help. */
  readonly takes: string;
  readonly about: string;
  /** What is expected, for errors: "a duration such as 5s". */
  readonly expected: string;
  /** Undefined for a text that is none. */
  readonly parse: (text: string) => Value | undefined;
}

/** Above a day a report is no news; below a tenth of a second the reading disturbs what it reads. */
const shortestMs = 100;
const longestMs = 86_400_000;
const milliseconds = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

const duration = (about: string): Setting<number> => ({
  takes: 'DURATION',
  about,
  expected: 'a duration from 100ms to 24h, such as 5s',
  parse: (text) => {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
    if (!match) return undefined;
    const value = Number(match[1]) * milliseconds[match[2] as keyof typeof milliseconds];
    return Number.isInteger(value) && value >= shortestMs && value <= longestMs ? value : undefined;
  },
});

const text = (takes: string, about: string): Setting<string> => ({
  takes,
  about,
  expected: 'a text that is not empty',
  parse: (value) => (value === '' ? undefined : value),
});

const oneOf = <Value extends string>(about: string, values: readonly Value[]): Setting<Value> => ({
  takes: values.join('|'),
  about,
  expected: `one of ${values.join(', ')}`,
  parse: (value) => values.find((known) => known === value),
});

const yesOrNo = (about: string): Setting<boolean> => ({
  takes: 'true|false',
  about,
  expected: 'true or false',
  parse: (value) => (value === 'true' ? true : value === 'false' ? false : undefined),
});

const yesNoOrAuto = (about: string): Setting<boolean | 'auto'> => ({
  takes: 'true|false|auto',
  about,
  expected: 'true, false or auto',
  parse: (value) => (value === 'auto' ? 'auto' : yesOrNo('').parse(value)),
});

const address = (about: string): Setting<Address | 'off'> => ({
  takes: 'HOST:PORT',
  about,
  expected: 'an address such as 127.0.0.1:9643, :9643 for all of this machine, or off',
  parse: (value) => {
    if (value === 'off') return 'off';
    const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s/]+))?:(\d{1,5})$/.exec(value);
    const port = Number(match?.[3]);
    if (!match || port > 65_535) return undefined;
    const host = match[1] ?? match[2];
    return { port, ...(host !== undefined && { host }) };
  },
});

export const settings: { readonly [key in keyof Config]-?: Setting<NonNullable<Config[key]>> } = {
  root: text('DIR', "what stands for the host's /: a recording, for instance (/)"),
  pods: text('FILE', 'names of pods: what `kubectl get pods -A -o json|yaml` printed'),
  kubeconfig: text(
    'FILE',
    "the cluster that this node belongs to (in a pod its own); the API is asked for this node's pods alone",
  ),
  node: text('NAME', "the name of this node (the host's own)"),
  periodMs: duration('how often the cgroups are sampled (5s)'),
  reportPeriodMs: duration('how often a report is made (with each sample)'),
  publishPeriodMs: duration('how often a report goes to the cluster (60s; longer above 3000 nodes)'),
  resource: yesOrNo('whether the cluster gets a NodeMemoryReport (false)'),
  configMap: yesNoOrAuto('whether it gets a ConfigMap; auto: where it has no NodeMemoryReports (false)'),
  annotations: yesOrNo("whether this node's pods get annotations (false)"),
  annotationPeriodMs: duration('how often those change where only figures drift (10m)'),
  allowUnguardedWrites: yesOrNo('whether pods are written to without an admission policy (false)'),
  history: yesOrNo('whether the cluster keeps what this node remembers, as ConfigMap history-NODE (false)'),
  historyPeriodMs: duration('how often it gets that (1h; longer above 5000 nodes)'),
  historyDir: text(
    'DIR',
    'where what this node remembers is kept each minute, or off ($XDG_STATE_HOME/realmem)',
  ),
  output: oneOf('what is printed (table)', [...outputs, 'off']),
  reportDir: text('DIR', 'where the last report is kept as a file, or off ($XDG_STATE_HOME/realmem)'),
  probeAddress: address('where /healthz, /readyz and /metrics are served, or off (127.0.0.1:9643)'),
  metricsAuth: yesOrNo(
    'whether /metrics asks for a bearer token that may `get` it, over TLS, as kube-rbac-proxy does (false)',
  ),
  tlsCertFile: text('FILE', 'the certificate for that, in PEM (one that is made at the start)'),
  tlsKeyFile: text('FILE', 'its key, in PEM'),
  reportAddress: address('where the report is served, or off (127.0.0.1:9644)'),
  logLevel: oneOf('the least that is logged (info; warn on a terminal)', logLevels),
};

/** `reportPeriod`, `--report-period`, `REALMEM_REPORT_PERIOD`: one setting under its three names. */
export interface Names {
  readonly key: string;
  readonly flag: string;
  readonly variable: string;
}

export function namesOf(setting: keyof Config): Names {
  const key = setting.replace(/Ms$/, '');
  const dashed = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return { key, flag: dashed, variable: `REALMEM_${dashed.replaceAll('-', '_').toUpperCase()}` };
}

export const settingNames = Object.keys(settings) as readonly (keyof Config)[];
