/** Every setting of the agent: its name, its values, its parser, and its help text with the default. */

import { type LogLevel, logLevels } from '../edges/log.ts';
import type { Address } from '../http/listener.ts';
import { type Namespaces, parseNamespaces } from '../model/namespaces.ts';
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
  readonly annotationNamespaces: Namespaces;
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

export interface SettingSpec<Value> {
  /** The placeholder of the value in help: `DURATION`. */
  readonly takes: string;
  readonly about: string;
  /** The expected value, for errors: "a duration such as 5s". */
  readonly expected: string;
  /** Undefined for an invalid text. */
  readonly parse: (text: string) => Value | undefined;
}

/** A report older than a day is useless. Passes more often than every 100 ms would disturb the host. */
const shortestMs = 100;
const longestMs = 86_400_000;
const milliseconds = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

const duration = (about: string): SettingSpec<number> => ({
  takes: 'DURATION',
  about,
  expected: 'a duration from 100ms to 24h, such as 5s',
  parse: (text) => {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
    if (!match) return undefined;
    const exact = Number(match[1]) * milliseconds[match[2] as keyof typeof milliseconds];
    // 1.001 × 1000 is 1000.9999999999999 in floating point.
    const value = Math.round(exact);
    const isWhole = Math.abs(exact - value) < 1e-6;
    return isWhole && value >= shortestMs && value <= longestMs ? value : undefined;
  },
});

const text = (takes: string, about: string): SettingSpec<string> => ({
  takes,
  about,
  expected: 'a non-empty text',
  parse: (value) => (value === '' ? undefined : value),
});

const oneOf = <Value extends string>(about: string, values: readonly Value[]): SettingSpec<Value> => ({
  takes: values.join('|'),
  about,
  expected: `one of ${values.join(', ')}`,
  parse: (value) => values.find((known) => known === value),
});

const yesOrNo = (about: string): SettingSpec<boolean> => ({
  takes: 'true|false',
  about,
  expected: 'true or false',
  parse: (value) => (value === 'true' ? true : value === 'false' ? false : undefined),
});

const yesNoOrAuto = (about: string): SettingSpec<boolean | 'auto'> => ({
  takes: 'true|false|auto',
  about,
  expected: 'true, false or auto',
  parse: (value) => (value === 'auto' ? 'auto' : yesOrNo('').parse(value)),
});

const address = (about: string): SettingSpec<Address | 'off'> => ({
  takes: 'HOST:PORT',
  about,
  expected: 'an address such as 127.0.0.1:9643, :9643 for all of this machine, or off',
  parse: (value) => {
    if (value === 'off') return 'off';
    const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s/[\]]+))?:(\d{1,5})$/.exec(value);
    const port = Number(match?.[3]);
    if (!match || port > 65_535) return undefined;
    const host = match[1] ?? match[2];
    return { port, ...(host !== undefined && { host }) };
  },
});

export const settings: { readonly [key in keyof Config]-?: SettingSpec<NonNullable<Config[key]>> } = {
  root: text('DIR', 'root directory of the host, or of a recording (/)'),
  pods: text('FILE', 'read the names of pods from the output of `kubectl get pods -A -o json|yaml`'),
  kubeconfig: text(
    'FILE',
    "connect to the cluster of this node (in a pod: its own); reads only this node's pods",
  ),
  node: text('NAME', 'name of this node (the host name)'),
  periodMs: duration('time between two samples of the cgroups (5s)'),
  reportPeriodMs: duration('time between two reports (a report with each sample)'),
  publishPeriodMs: duration(
    'time between two writes of the report to the cluster (60s; longer above 3000 nodes)',
  ),
  resource: yesOrNo('write a NodeMemoryReport to the cluster (false)'),
  configMap: yesNoOrAuto(
    'write the report as a ConfigMap; auto: if the cluster has no NodeMemoryReports (false)',
  ),
  annotations: yesOrNo("annotate this node's pods (false)"),
  annotationPeriodMs: duration('time between two updates of an annotation if its figures only drift (10m)'),
  annotationNamespaces: {
    takes: 'NAMESPACES',
    about: 'annotate only pods in these namespaces; * stands for all, !NAME excludes one (*,!kube-system)',
    expected: 'names of namespaces separated by commas, such as shop,bank or *,!kube-system',
    parse: parseNamespaces,
  },
  allowUnguardedWrites: yesOrNo('annotate pods even if no admission policy restricts the agent (false)'),
  history: yesOrNo('write the history of this node to the cluster, as ConfigMap history-NODE (false)'),
  historyPeriodMs: duration(
    'time between two writes of the history to the cluster (1h; longer above 5000 nodes)',
  ),
  historyDir: text(
    'DIR',
    'write the history of this node to this directory every five minutes, or off ($XDG_STATE_HOME/realmem)',
  ),
  output: oneOf('output format (table)', [...outputs, 'off']),
  reportDir: text('DIR', 'write the last report to this directory, or off ($XDG_STATE_HOME/realmem)'),
  probeAddress: address('serve /healthz, /readyz and /metrics at this address, or off (127.0.0.1:9643)'),
  metricsAuth: yesOrNo(
    'serve /metrics over TLS, only for a bearer token that may `get` it, like kube-rbac-proxy (false)',
  ),
  tlsCertFile: text('FILE', 'certificate for metricsAuth, in PEM (default: self-signed at the start)'),
  tlsKeyFile: text('FILE', 'key of that certificate, in PEM'),
  reportAddress: address('serve the report at this address, or off (127.0.0.1:9644)'),
  logLevel: oneOf('lowest level that is logged (info; warn on a terminal)', logLevels),
};

/** The three names of a setting: `reportPeriod` in a file, `--report-period`, `REALMEM_REPORT_PERIOD`. */
export interface SettingNames {
  readonly key: string;
  readonly flag: string;
  readonly variable: string;
}

export function settingNamesOf(setting: keyof Config): SettingNames {
  const key = setting.replace(/Ms$/, '');
  const dashed = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return { key, flag: dashed, variable: `REALMEM_${dashed.replaceAll('-', '_').toUpperCase()}` };
}

export const settingNames = Object.keys(settings) as readonly (keyof Config)[];
