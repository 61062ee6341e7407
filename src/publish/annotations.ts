/** A pod's annotations: text for people, JSON for programs. */

import type { ApiCall } from '../kube/api.ts';
import { type Column, renderColumns } from '../layout/columns.ts';
import { type Bytes, bytes, formatBytes, formatShare } from '../model/bytes.ts';
import { defined, type Fields, isFields, parseJson } from '../model/json.ts';
import { annotationKeys, ownAnnotations, type Pod, type PodAnnotations } from '../model/pod.ts';
import { isWithinTenth } from '../model/recommendation.ts';
import { isOwnLimit, type NodeReport, verdicts } from '../model/report.ts';
import { asciiLines, compareText } from '../model/text.ts';
import {
  type ContainerFigures,
  isShownVerdict,
  type PodFigures,
  type SuggestedFigures,
} from './pod-figures.ts';

/** Figures of every pod with a known name, by UID. */
export function figuresOf({ observed, pods, containers }: NodeReport): ReadonlyMap<string, PodFigures> {
  const byPod = Map.groupBy(containers, ({ podUID }) => podUID);
  return new Map(
    pods.flatMap(({ uid, name, realBytes, killed = [] }) => {
      if (name === undefined) return [];
      const living = (byPod.get(uid) ?? []).flatMap((container): [string, ContainerFigures][] => {
        const { name, cgroup, limitFrom, verdict, usageBytes, requestBytes } = container;
        if (name === undefined) return [];
        const limitBytes = isOwnLimit(cgroup, limitFrom) ? container.limitBytes : undefined;
        const real = container.realBytes;
        const { suggest: all } = container;
        // With low confidence a suggestion changes often and says little.
        const suggest =
          all?.requestBytes === undefined || all.limitBytes === undefined || all.confidence === 'low'
            ? undefined
            : { requestBytes: all.requestBytes, limitBytes: all.limitBytes };
        return [[name, defined({ realBytes: real, usageBytes, limitBytes, requestBytes, verdict, suggest })]];
      });
      const dead = killed.map(({ name, limitBytes, requestBytes }): [string, ContainerFigures] => [
        name,
        defined<ContainerFigures>({ limitBytes, requestBytes, verdict: 'OOMKilled' as const }),
      ]);
      // A pod without figures keeps its old annotations. After a restart a container's old cgroup may still exist next to the new
      // one. Of two equal names the larger counts: it comes last, and the last one wins.
      if (living.length + dead.length === 0) return [];
      const sorted = [...living, ...dead].toSorted(
        ([a, one], [b, other]) => compareText(a, b) || (one.realBytes ?? 0) - (other.realBytes ?? 0),
      );
      const figures = defined<PodFigures>({
        at: observed.at,
        realBytes,
        containers: Object.fromEntries(sorted),
      });
      return [[uid, figures] as const];
    }),
  );
}

/** Escapes everything but printable ASCII: the admission policy accepts nothing else, because kubectl prints annotations unchanged. */
export const renderAnnotations = (figures: PodFigures): Required<PodAnnotations> => ({
  memory: asciiLines(memoryText(figures)),
  report: asciiLines(JSON.stringify(figures)),
});

/** Parses an annotation. Undefined if it is invalid: everybody who may change the pod can write it. */
export function parseFigures(text: string): PodFigures | undefined {
  try {
    const { at, realBytes, containers, omitted } = parseJson(text) as Readonly<Record<string, unknown>>;
    if (!isFields(containers)) return undefined;
    return defined<PodFigures>({
      at: typeof at === 'string' ? at : undefined,
      realBytes: amountOf(realBytes),
      containers: Object.fromEntries(
        Object.entries(containers).map(([name, value]) => [
          name,
          isFields(value) ? readContainerFigures(value) : {},
        ]),
      ),
      omitted: amountOf(omitted),
    });
  } catch {
    return undefined;
  }
}

const readContainerFigures = (fields: Fields): ContainerFigures =>
  defined<ContainerFigures>({
    realBytes: amountOf(fields['realBytes']),
    usageBytes: amountOf(fields['usageBytes']),
    limitBytes: amountOf(fields['limitBytes']),
    requestBytes: amountOf(fields['requestBytes']),
    verdict: verdicts.find((verdict) => verdict === fields['verdict']),
    suggest: suggestOf(fields['suggest']),
  });

function suggestOf(value: unknown): SuggestedFigures | undefined {
  if (!isFields(value)) return undefined;
  const [requestBytes, limitBytes] = [amountOf(value['requestBytes']), amountOf(value['limitBytes'])];
  return requestBytes === undefined || limitBytes === undefined ? undefined : { requestBytes, limitBytes };
}

const amountOf = (value: unknown): Bytes | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? bytes(value) : undefined;

type Line = readonly [string, ContainerFigures];

/** One line for one container. A table for more, because `kubectl describe` shows all lines. */
function memoryText({ containers, omitted }: PodFigures): string {
  const lines = Object.entries(containers);
  const columns: readonly Column<Line>[] = [
    { heading: '', cell: ([name]) => name },
    { heading: '', right: true, cell: ([, { realBytes }]) => sizeText(realBytes) },
    {
      heading: '',
      cell: ([, { limitBytes }]) => (limitBytes === undefined ? 'no limit' : `of ${formatBytes(limitBytes)}`),
    },
    {
      heading: '',
      right: true,
      cell: ([, { realBytes, limitBytes }]) =>
        realBytes === undefined || limitBytes === undefined ? '' : formatShare(realBytes, limitBytes, 0),
    },
    { heading: '', cell: ([, { verdict }]) => (isShownVerdict(verdict) ? verdict : '') },
    { heading: '', cell: ([, figures]) => suggestion(figures) },
  ];
  const text = renderColumns(columns, lines, false).trimEnd();
  const whole = lines.length === 1 ? text.replaceAll(/ {2,}/g, ' ') : text;
  return omitted === undefined ? whole : `${whole}\nand ${omitted} more`;
}

/** Empty if the suggestion is near the current request and limit. */
function suggestion({ suggest, requestBytes, limitBytes }: ContainerFigures): string {
  if (suggest === undefined) return '';
  const parts = [
    ...(differs(requestBytes, suggest.requestBytes) ? [`request ${formatBytes(suggest.requestBytes)}`] : []),
    ...(differs(limitBytes, suggest.limitBytes) ? [`limit ${formatBytes(suggest.limitBytes)}`] : []),
  ];
  return parts.length === 0 ? '' : `suggest ${parts.join(', ')}`;
}

const differs = (now: Bytes | undefined, then: Bytes): boolean =>
  now === undefined || !isWithinTenth(now, { target: then });

const sizeText = (amount: Bytes | undefined): string | undefined =>
  amount === undefined ? undefined : formatBytes(amount);

/** A merge patch with the UID as a precondition. @param annotations undefined: remove them */
export const patchOf = (
  { namespace, name, uid }: Pick<Pod, 'namespace' | 'name' | 'uid'>,
  annotations: Required<PodAnnotations> | undefined,
): ApiCall => ({
  method: 'PATCH',
  path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/status?fieldManager=realmem`,
  contentType: 'application/merge-patch+json',
  body: {
    metadata: {
      uid,
      annotations: Object.fromEntries(
        ownAnnotations.map((one) => [annotationKeys[one], annotations?.[one] ?? null]),
      ),
    },
  },
});
