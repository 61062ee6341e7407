/**
 * `npm run manifests` renders manifests/realmem.yaml and manifests/alerts.yaml from the chart. The files begin with checksums of the
 * chart and of themselves, so that a test without helm notices when a file is out of date.
 */
import fs from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { cachedHelm, helmMissing, sumOf, sumOfFiles } from './helm.ts';

export const chart = new URL('../../charts/realmem', import.meta.url).pathname;
export const manifests = new URL('../../manifests/realmem.yaml', import.meta.url).pathname;
export const alerts = new URL('../../manifests/alerts.yaml', import.meta.url).pathname;

// A development build of helm assumes Kubernetes 1.20.
const release = ['realmem', chart, '-n', 'realmem', '--kube-version', '1.34.0'];

/** Renders release realmem in namespace realmem without hooks (helm test, clean-up). */
export const template = (...args: string[]): string => templateWithHooks('--no-hooks', ...args);

/** The same with hooks. */
export const templateWithHooks = (...args: string[]): string => cachedHelm('template', ...release, ...args);

/** Files of values that the chart must work with: `ci/*-values.yaml`. */
export const cases: readonly string[] = fs.readdirSync(path.join(chart, 'ci')).sort();
export const caseFile = (name: string): string => path.join(chart, 'ci', name);

/** Text of manifests/realmem.yaml. */
export function renderManifests(): string {
  const rendered = template('--set', 'policy.enabled=true', '--set', 'crds.keep=false')
    .replaceAll(/^# Source: .*\n/gm, '')
    // These labels are for helm only.
    .replaceAll(/^ *(?:helm\.sh\/chart|app\.kubernetes\.io\/managed-by): .*\n/gm, '');
  // The policies come before the rights and before the agent.
  const documents = rendered.split(/^---\n/m).filter((text) => text.trim() !== '');
  const isPolicy = (text: string): boolean => /^kind: ValidatingAdmissionPolicy/m.test(text);
  const ordered = [...documents.filter(isPolicy), ...documents.filter((text) => !isPolicy(text))];
  const body = `apiVersion: v1
kind: Namespace
metadata:
  name: realmem
  labels:
    # The agent mounts a directory of the host, read-only.
    pod-security.kubernetes.io/enforce: privileged
${ordered
  .map((text) => `---\n${text.trim()}\n`)
  .join('')
  .trimEnd()}
`;
  return `${head(sumOfChart(), sumOf(body))}${body}`;
}

/** A rules file for Prometheus: the alerts with these values. */
export function rulesOf(...args: string[]): string {
  const rule = template(
    '--set',
    'prometheusRule.enabled=true',
    '-s',
    'templates/prometheusrule.yaml',
    ...args,
  );
  return stringify((parse(rule) as { readonly spec: object }).spec, { lineWidth: 0 });
}

/** Text of manifests/alerts.yaml. */
export function renderAlerts(): string {
  const body = rulesOf();
  return `${head(sumOfChart(), sumOf(body))}${body}`;
}

/** The two checksums at the head of a file in manifests/, and the text below them. */
export function readManifests(file = manifests): {
  readonly chart: string;
  readonly body: string;
  readonly text: string;
} {
  const text = fs.readFileSync(file, 'utf8');
  const match = /^# chart: (\w+)\n# below: (\w+)\n---\n/m.exec(text);
  return {
    chart: match?.[1] ?? '',
    body: match?.[2] ?? '',
    text: match ? text.slice(match.index + match[0].length) : text,
  };
}

function head(chartSum: string, bodySum: string): string {
  return `# \`npm run manifests\` renders this file from charts/realmem: change the chart instead. SHA-256 of the chart and of the text below:
# chart: ${chartSum}
# below: ${bodySum}
---
`;
}

/** SHA-256 over the names and contents of all files that take part in rendering. */
export const sumOfChart = (): string =>
  sumOfFiles(chart, (file) => /^(Chart\.yaml|values\.yaml|files\/|templates\/)/.test(file));

if (import.meta.main) {
  const missing = helmMissing();
  if (missing === undefined) {
    fs.writeFileSync(manifests, renderManifests());
    fs.writeFileSync(alerts, renderAlerts());
  } else {
    process.stderr.write(`${missing}\n`);
    process.exitCode = 1;
  }
}
