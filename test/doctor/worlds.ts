/** Hosts for the checks: a recording for the kernel's files, and a made machine for the rest. */
import assert from 'node:assert/strict';
import type { Config } from '../../src/agent/settings.ts';
import type { Check } from '../../src/doctor/check.ts';
import type { HostWorld } from '../../src/doctor/host.ts';

export const at = Date.UTC(2026, 10, 30, 12);

export const rootOf = (host: string): string =>
  new URL(`../../fixtures/hosts/${host}/root`, import.meta.url).pathname;

const config: Config = {
  root: '/',
  periodMs: 5_000,
  reportPeriodMs: 5_000,
  publishPeriodMs: 60_000,
  resource: false,
  configMap: false,
  annotations: false,
  annotationPeriodMs: 600_000,
  annotationNamespaces: { excluded: ['kube-system'] },
  allowUnguardedWrites: false,
  history: false,
  historyPeriodMs: 3_600_000,
  historyDir: 'off',
  output: 'table',
  reportDir: 'off',
  probeAddress: { host: '127.0.0.1', port: 9643 },
  metricsAuth: false,
  reportAddress: { host: '127.0.0.1', port: 9644 },
  logLevel: 'info',
};

/** A machine without an agent. @param settings of the agent */
export const worldOf = (more: Partial<HostWorld>, settings: Partial<Config> = {}): HostWorld => ({
  source: { root: rootOf('kubernetes-v2-systemd') },
  portsRoot: '/nonexistent',
  config: { ...config, ...settings },
  hostName: 'node-1',
  now: at,
  releasedAt: Date.UTC(2026, 10, 1),
  nodeVersion: '26.10.0',
  kubeconfigs: [],
  ...more,
});

/** The only check of that name. */
export function the(name: string, checks: readonly Check[]): Check {
  const found = checks.filter((check) => check.name === name);
  assert.equal(found.length, 1, `${name}: ${JSON.stringify(checks, undefined, 1)}`);
  return found[0] as Check;
}
