/**
 * `npm run manifests`: manifests/realmem.yaml, rendered from the chart. Its head has the sums of the chart and of itself, so
 * that a test without helm finds out when it is no longer what the chart says.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

export const chart = new URL('../../charts/realmem', import.meta.url).pathname;
export const manifests = new URL('../../manifests/realmem.yaml', import.meta.url).pathname;

const helm = process.env['HELM'] || 'helm';

/** Why helm cannot be run, with what to do about it; undefined where it can. */
export function helmMissing(): string | undefined {
  try {
    runHelm('version');
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `helm does not run (${reason}): put helm 3 or 4 on the PATH, or its file in HELM (https://helm.sh/docs/intro/install)`;
  }
}

/** What helm writes to its output. An error has what it wrote to its error stream. */
export function runHelm(...args: string[]): string {
  return execFileSync(helm, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

// A helm that was not built for release takes the cluster for Kubernetes 1.20.
const release = ['realmem', chart, '-n', 'realmem', '--kube-version', '1.34.0'];

/** Release realmem in namespace realmem, without what is there for a test or an uninstall alone. */
export const template = (...args: string[]): string => runHelm('template', ...release, '--no-hooks', ...args);

/** With it. */
export const templateWithHooks = (...args: string[]): string => runHelm('template', ...release, ...args);

/** Values that the chart has to work with: `ci/*-values.yaml`. */
export const cases: readonly string[] = fs.readdirSync(path.join(chart, 'ci')).sort();
export const caseFile = (name: string): string => path.join(chart, 'ci', name);

/** The text of manifests/realmem.yaml. */
export function renderManifests(): string {
  const rendered = template('--set', 'policy.enabled=true', '--set', 'crds.keep=false')
    .replaceAll(/^# Source: .*\n/gm, '')
    // They speak of helm to helm.
    .replaceAll(/^ *(?:helm\.sh\/chart|app\.kubernetes\.io\/managed-by): .*\n/gm, '');
  // What holds the agent comes before what it may, and before the agent.
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

/** The two sums at the head of a manifest, and the text below it. */
export function readManifests(): { readonly chart: string; readonly body: string; readonly text: string } {
  const text = fs.readFileSync(manifests, 'utf8');
  const match = /^# chart: (\w+)\n# below: (\w+)\n---\n/m.exec(text);
  return {
    chart: match?.[1] ?? '',
    body: match?.[2] ?? '',
    text: match ? text.slice(match.index + match[0].length) : text,
  };
}

function head(chartSum: string, bodySum: string): string {
  return `# Rendered from charts/realmem by \`npm run manifests\`: change it there. SHA-256 of the chart and of what is below:
# chart: ${chartSum}
# below: ${bodySum}
---
`;
}

export const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Over the names and contents of all its files that are rendered. */
export function sumOfChart(): string {
  const files = fs
    .readdirSync(chart, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(chart, path.join(entry.parentPath, entry.name)))
    .filter((file) => /^(Chart\.yaml|values\.yaml|files\/|templates\/)/.test(file))
    .sort();
  return sumOf(
    files.map((file) => `${file} ${sumOf(fs.readFileSync(path.join(chart, file), 'utf8'))}\n`).join(''),
  );
}

if (import.meta.main) {
  const missing = helmMissing();
  if (missing === undefined) fs.writeFileSync(manifests, renderManifests());
  else {
    process.stderr.write(`${missing}\n`);
    process.exitCode = 1;
  }
}
