/** `npm run reference` generates the pages of this folder from the code, so that they list everything that there is. */
import fs from 'node:fs';
import { parse } from 'yaml';
import { settingNames, settingNamesOf } from '../../src/agent/settings.ts';
import { clusterFlags } from '../../src/cli/cluster-flags.ts';
import type { Command } from '../../src/cli/command.ts';
import type { Flag, Flags } from '../../src/cli/flags.ts';
import { allCommands } from '../../src/cli/main.ts';
import { hostFlags } from '../../src/cli/source-flags.ts';
import type { MetricInfo } from '../../src/metrics/metric.ts';
import { groups, unitOf } from '../../src/metrics/metrics.ts';
import { annotationKeys, isOwnAnnotation, longestAnnotation } from '../../src/model/pod.ts';
import { domain } from '../../src/model/product.ts';
import { verdicts } from '../../src/model/report.ts';
import { historyWrittenKey } from '../../src/publish/history-map.ts';
import type { ContainerFigures, PodFigures, SuggestedFigures } from '../../src/publish/pod-figures.ts';

const generatedBy = (sources: string): string =>
  `<!-- \`npm run reference\` generates this page from ${sources}. -->\n`;

const cell = (text: string): string =>
  text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;');
const code = (text: string): string => (text === '' ? '' : `\`${text}\``);

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;

const table = (headings: readonly string[], rows: readonly (readonly string[])[]): string =>
  `${line(headings)}${headings.map(() => '|---').join('')}|\n${rows.map((row) => line(row.map(cell))).join('')}`;

/** Expected contents of the pages, by file name. */
export async function references(): Promise<Readonly<Record<string, string>>> {
  return {
    'metrics.md': metricsPage(),
    'annotations.md': annotationsPage(),
    'crd.md': crdPage(),
    'flags.md': flagsPage(await allCommands()),
  };
}

function metricsPage(): string {
  const all = groups.flatMap(({ labels, metrics }) => metrics.map((metric) => ({ labels, metric })));
  const row = ({ labels, metric }: { readonly labels: readonly string[]; readonly metric: MetricInfo }) => [
    code(metric.name),
    metric.type,
    unitOf(metric) ?? '',
    [...labels, ...(metric.labels ?? [])].map(code).join(', '),
    metric.help,
    metric.since,
  ];
  const headings = ['Name', 'Type', 'Unit', 'Labels', 'Meaning', 'Since'];
  const [kept, deprecated] = [false, true].map((is) =>
    all.filter(({ metric }) => (metric.deprecated !== undefined) === is),
  );
  return `${generatedBy('src/metrics')}# Metrics

An agent serves these metrics of its node at \`/metrics\`. [monitoring.md](../monitoring.md) has the scrape configuration, the dashboard and
queries. A figure that the kernel or the history does not give is absent, not 0.

${table(headings, (kept ?? []).map(row))}
The values of \`verdict\`: ${verdicts.map(code).join(', ')}. Each container has a series for each of them, 1 for the one that applies.

## Deprecated

The release after the one in the column *Deprecated* removes the metric.

${table(
  ['Name', 'Type', 'Use instead', 'Since', 'Deprecated'],
  (deprecated ?? []).map(({ metric }) => [
    code(metric.name),
    metric.type,
    code(metric.deprecated?.use ?? ''),
    metric.since,
    metric.deprecated?.since ?? '',
  ]),
)}`;
}

const probeFields =
  '`at` (when the probe began), `neededCacheBytes`, `coldCacheBytes`, `errorBytes`, `watchedSeconds`, and `isAtMost` if the container may need less';
const aboutAnnotations: Readonly<Record<keyof typeof annotationKeys, string>> = {
  memory: 'Real memory and limit of each container, its verdict and a suggestion, for people.',
  report: 'The same figures as JSON, for programs: see below.',
  ignore: 'With the value `true`, agents write no annotations to this pod. The pod stays in the report.',
  probe: `What \`kubectl realmem probe\` found, as JSON by name of the container, written with your rights: ${probeFields}. Agents take it into their history and never write it.`,
};

const podFields: Readonly<Record<keyof PodFigures, string>> = {
  at: 'Time of the last change, in RFC 3339.',
  realBytes: 'Real memory of the pod.',
  containers: 'Figures by name of the container: see below.',
  omitted: 'Number of containers omitted for lack of room.',
};
const containerFields: Readonly<Record<keyof ContainerFigures, string>> = {
  realBytes: 'Real memory: usage without active and inactive page cache, with tmpfs.',
  usageBytes: 'All memory that the kernel charges, page cache included.',
  limitBytes: 'The memory limit of the container or its pod.',
  requestBytes: 'The memory request.',
  verdict: `One of ${verdicts.map(code).join(', ')}.`,
  suggest: 'Suggested settings, with a day of history or more: see below.',
};
const suggestFields: Readonly<Record<keyof SuggestedFigures, string>> = {
  requestBytes: 'Suggested memory request.',
  limitBytes: 'Suggested memory limit.',
};

function annotationsPage(): string {
  const example = parse(
    fs.readFileSync(
      new URL('../../fixtures/hosts/kubernetes-v2-systemd/annotations.yaml', import.meta.url),
      'utf8',
    ),
  ) as Readonly<Record<string, Readonly<Record<string, string>>>>;
  const shown = example['shop/reader'] ?? {};
  const rows = Object.entries(annotationKeys).map(([name, key]) => [
    code(key),
    isOwnAnnotation(key) ? 'the agent' : 'you',
    aboutAnnotations[name as keyof typeof annotationKeys],
    shown[name] === undefined ? '' : code(shown[name]),
  ]);
  const fields = (all: Readonly<Record<string, string>>): string =>
    table(
      ['Field', 'Meaning'],
      Object.entries(all).map(([name, about]) => [code(name), about]),
    );
  return `${generatedBy('src/model/pod.ts and src/publish')}# Annotations

## On pods

${table(['Key', 'Written by', 'Meaning', 'Example'], rows)}
An agent writes to pods of its own node only, where an admission policy restricts it ([security.md](../security.md)). Together they have at most
${longestAnnotation / 1024} KiB, in printable ASCII.

## Fields of \`${annotationKeys.report}\`

Every field may be absent.

${fields(podFields)}
Of a container:

${fields(containerFields)}
Of \`suggest\`:

${fields(suggestFields)}
## On ConfigMaps

${table(
  ['Key', 'Written by', 'Meaning'],
  [
    [
      code(historyWrittenKey),
      'the agent',
      'On `history-NODE`: when the agent wrote the history, in RFC 3339.',
    ],
  ],
)}
The label \`${domain}/part=history\` selects the histories of all nodes.
`;
}

/** The keywords of a structural schema that the CRD uses. */
interface Schema {
  readonly description?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly (string | number)[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly 'x-kubernetes-int-or-string'?: boolean;
}

interface Definition {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly scope: string;
    readonly names: { readonly kind: string; readonly shortNames: readonly string[] };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: Schema };
      readonly additionalPrinterColumns: readonly {
        readonly name: string;
        readonly jsonPath: string;
        readonly description: string;
      }[];
    }[];
  };
}

function crdPage(): string {
  const { metadata, spec } = parse(
    fs.readFileSync(
      new URL('../../charts/realmem/files/crds/nodememoryreports.yaml', import.meta.url),
      'utf8',
    ),
  ) as Definition;
  const versions = spec.versions.map(
    ({ name, schema, additionalPrinterColumns }) => `## ${spec.group}/${name}

${schema.openAPIV3Schema.description ?? ''}

${table(
  ['Field', 'Type', 'Required', 'Meaning'],
  fieldsOf(schema.openAPIV3Schema, '').map(({ path, field, isRequired }) => [
    code(path),
    typeOf(field),
    isRequired ? 'yes' : '',
    [
      field.description ?? '',
      ...(field.enum === undefined ? [] : [`One of ${field.enum.map((one) => code(`${one}`)).join(', ')}.`]),
    ].join(' '),
  ]),
)}
*Required*: present wherever the object around it is. Another field is absent where its figure is unknown.

### Columns of \`kubectl get ${spec.names.shortNames[0]}\`

${table(
  ['Column', 'Field', 'Meaning'],
  additionalPrinterColumns.map((column) => [column.name, code(column.jsonPath), `${column.description}.`]),
)}`,
  );
  return `${generatedBy('charts/realmem/files/crds/nodememoryreports.yaml')}# ${spec.names.kind}

The custom resource \`${metadata.name}\` (\`${spec.names.shortNames.join('`, `')}\`). Scope: ${spec.scope}. Only agents write it.

${versions.join('\n')}`;
}

interface FieldAt {
  readonly path: string;
  readonly field: Schema;
  readonly isRequired: boolean;
}

const fieldsOf = (schema: Schema, prefix: string): readonly FieldAt[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}${field.type === 'array' ? '[]' : ''}`;
    const below = fieldsOf(field.items ?? field, `${path}.`);
    return [{ path, field, isRequired: schema.required?.includes(name) === true }, ...below];
  });

function typeOf({ type, format, items, 'x-kubernetes-int-or-string': isQuantity }: Schema): string {
  if (isQuantity === true) return 'Quantity';
  if (type === 'array') return `array of ${items === undefined ? 'values' : typeOf(items)}`;
  return type === 'string' ? (format ?? type) : (type ?? '');
}

function flagsPage(commands: readonly Command[]): string {
  const shared = [
    { heading: 'Cluster flags', flags: clusterFlags },
    { heading: 'Host flags', flags: hostFlags },
  ];
  const isShared = (flag: Flag): boolean => shared.some(({ flags }) => Object.values(flags).includes(flag));
  const sections = commands.map(({ name, takes, about, flags }) => {
    const own = Object.fromEntries(Object.entries(flags).filter(([, flag]) => !isShared(flag)));
    const more = shared
      .filter((group) => Object.values(flags).some((flag) => Object.values(group.flags).includes(flag)))
      .map(({ heading }) => `[${heading.toLowerCase()}](#${heading.toLowerCase().replace(' ', '-')})`);
    return `## realmem ${name}${takes === undefined ? '' : ` ${takes}`}

${about.charAt(0).toUpperCase()}${about.slice(1)}.

${Object.keys(own).length === 0 ? '' : name === 'agent' ? settingsTable(own) : flagTable(own)}${more.length === 0 ? '' : `\nAlso the ${more.join(' and the ')}.\n`}`;
  });
  return `${generatedBy('src/cli and src/agent/settings.ts')}# Flags

\`kubectl realmem COMMAND\` takes the same flags. \`realmem COMMAND --help\` prints them.

${[...sections, ...shared.map(({ heading, flags }) => `## ${heading}\n\n${flagTable(flags)}`)].join('\n')}`;
}

const flagTerm = ([name, { short, takes }]: readonly [string, Flag]): string =>
  code(`${short === undefined ? '' : `-${short}, `}--${name}${takes === undefined ? '' : ` ${takes}`}`);

const flagTable = (flags: Flags): string =>
  table(
    ['Flag', 'Meaning'],
    Object.entries(flags).map(([name, flag]) => [flagTerm([name, flag]), flag.about]),
  );

/** A setting of the agent has three names. */
function settingsTable(flags: Flags): string {
  const names = new Map(
    settingNames.map((setting) => [settingNamesOf(setting).flag, settingNamesOf(setting)]),
  );
  return table(
    ['Flag', 'Variable', 'Key of `--config`', 'Meaning'],
    Object.entries(flags).map(([name, flag]) => [
      flagTerm([name, flag]),
      code(names.get(name)?.variable ?? ''),
      code(names.get(name)?.key ?? ''),
      flag.about,
    ]),
  );
}

if (import.meta.main)
  for (const [name, text] of Object.entries(await references()))
    fs.writeFileSync(new URL(name, import.meta.url), text);
