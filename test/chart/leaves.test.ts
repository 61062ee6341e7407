/** Every value of values.yaml changes something in the rendered chart. One run of helm renders all changes. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { parse } from 'yaml';
import { skipWhere } from '../needs.ts';
import { tempDir } from '../temp.ts';
import { params, read } from './generate.ts';
import { cachedHelm, helmMissing } from './helm.ts';
import { chart } from './render.ts';

type Path = readonly string[];
interface Change {
  readonly path: Path;
  readonly value: unknown;
}

const change = (key: string, value: unknown): Change => ({ path: key.split('.'), value });

/** Everything that other values depend on is on. */
const base = [
  ...['podMonitor', 'serviceMonitor', 'prometheusRule', 'dashboard', 'networkPolicy', 'metrics.auth'].map(
    (key) => change(`${key}.enabled`, true),
  ),
  ...['priorityClassQuota', 'openshift.scc'].map((key) => change(`${key}.create`, true)),
  change('priorityClassName', 'system-node-critical'),
  change('metrics.auth.certificateSecret', 'certificate'),
  change('metrics.auth.serverName', 'agents'),
  change('metrics.auth.tokenSecret.name', 'token'),
  change('cleanup.enabled', true),
];

/** What must change too, because the chart refuses the value otherwise. */
const together: Readonly<Record<string, readonly Change[]>> = {
  hostNetwork: [change('networkPolicy.enabled', false)],
};

const kinds = new Map(params().map(({ key, kind = '' }) => [key, kind]));

function* leaves(value: unknown, at: Path = []): Generator<readonly [Path, unknown]> {
  const entries = isMap(value) ? Object.entries(value) : [];
  if (entries.length === 0) yield [at, value];
  for (const [name, inner] of entries) yield* leaves(inner, [...at, name]);
}

const isMap = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value other than the current one, and valid where the templates check it. */
function otherThan(value: unknown, kind: string): unknown {
  if (kind.includes('|')) return kind.split('|').findLast((word) => word !== String(value));
  if (Array.isArray(value)) {
    if (value.length > 0) return [];
    return [/^(strings|namespaces|secrets)$/.test(kind) ? 'x' : { kind: 'Extra' }];
  }
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1;
  return typeof value === 'string' ? `${value}1` : { x: 'y' };
}

/** Templates that take long, and the only values for which the test renders them. */
const costly: Readonly<Record<string, string>> = {
  'crds.yaml': 'crds.',
  'prometheusrule.yaml': 'prometheusRule.',
};

interface Variant {
  readonly templates: readonly string[];
  readonly changes: readonly Change[];
}

/** Renders each variant, and prints a hash of it. */
const renderer = `kind: Hashes
hashes:
{{- range .Files.Get "files/variants.json" | fromJsonArray }}
{{- $values := deepCopy $.Values }}
{{- range .changes }}
{{- $place := $values }}
{{- range initial .path }}{{ $place = index $place . }}{{ end }}
{{- $_ := set $place (last .path) .value }}
{{- end }}
{{- $root := dict "Values" $values "Chart" $.Chart "Release" $.Release "Capabilities" $.Capabilities "Files" $.Files "Template" $.Template }}
{{- $text := "" }}
{{- range .templates }}
{{- $text = print $text (include (print $.Template.BasePath "/" .) $root) }}
{{- end }}
- {{ sha256sum $text }}
{{- end }}
`;

it('each value changes what the chart renders', { skip: skipWhere(helmMissing()) }, (t) => {
  const copy = tempDir(t);
  fs.cpSync(chart, copy, { recursive: true });
  const templates = fs
    .readdirSync(path.join(copy, 'templates'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'));
  fs.writeFileSync(path.join(copy, 'templates/hashes.yaml'), renderer);

  const changed = [...leaves(parse(read('values.yaml')))].map(([at, value]) => {
    const key = at.join('.');
    const known = base.findLast((one) => one.path.join('.') === key)?.value ?? value;
    return { key, change: { path: at, value: otherThan(known, kinds.get(key) ?? '') } };
  });
  assert.ok(changed.length > 150, `${changed.length} values`);
  // The last one shows that the test finds a value that no template reads.
  const pairs = [...changed, { key: 'unread', change: change('unread', 1) }].map(({ key, change }) => {
    const changes = [...base, ...(together[key] ?? [])];
    const own = templates.filter((file) => key.startsWith(costly[file] ?? ''));
    const variant = (more: readonly Change[]): string =>
      JSON.stringify({ templates: own, changes: [...changes, ...more] } satisfies Variant);
    return { key, before: variant([]), after: variant([change]) };
  });
  const variants = [...new Set(pairs.flatMap(({ before, after }) => [before, after]))];
  fs.writeFileSync(path.join(copy, 'files/variants.json'), `[${variants.join()}]`);
  const args = ['template', 'realmem', copy, '--kube-version', '1.34.0', '-s', 'templates/hashes.yaml'];
  const { hashes } = parse(cachedHelm(...args)) as { readonly hashes: readonly string[] };
  assert.equal(hashes.length, variants.length);
  const hashOf = new Map(variants.map((variant, at) => [variant, hashes[at]]));
  assert.deepEqual(
    pairs.filter(({ before, after }) => hashOf.get(before) === hashOf.get(after)).map(({ key }) => key),
    ['unread'],
  );
});
