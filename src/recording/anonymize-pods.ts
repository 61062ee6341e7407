/** Anonymizes every name in reduced pods (`reduce-pods.ts`). */

import type { Fields } from '../model/json.ts';
import { knownKinds } from '../pods/owner-rules.ts';
import { workloadOf } from '../pods/workload.ts';
import type { Anonymizer } from './anonymize.ts';

/** Values that stay readable: words of the API, quantities and times. Every other text counts as a name. */
const plain: Readonly<Record<string, RegExp>> = {
  kind: knownKinds,
  qosClass: /^(?:Guaranteed|Burstable|BestEffort)$/,
  restartPolicy: /^(?:Always|OnFailure|Never)$/,
  reason: /^(?:OOMKilled|Completed|Error|ContainerCannotRun|DeadlineExceeded|Evicted|Unknown)$/,
  creationTimestamp: /^[\dTZ:.+-]*$/,
  startedAt: /^[\dTZ:.+-]*$/,
  finishedAt: /^[\dTZ:.+-]*$/,
  memory: /^[-+]?[\d.]*(?:[KMGTPE]i|[numkMGTPE]|[eE][-+]?\d+)?$/,
};

/** Label keys of Kubernetes itself. Any other key may contain the name of an organization. */
const knownLabel = /^(?:app|(?:[a-z0-9-]+\.)*(?:kubernetes|k8s)\.io\/[\w.-]+|pod-template-hash)$/;

/** The annotations that stay. The other realmem annotations repeat names in their text. */
const keptAnnotations: Readonly<Record<string, 'id' | 'as it is'>> = {
  'kubernetes.io/config.hash': 'id',
  'kubernetes.io/config.mirror': 'id',
  'realmem.dev/ignore': 'as it is',
};

/** @param value a reduced pod, or a list of them */
export const anonymizePods = (value: unknown, anonymizer: Anonymizer): unknown =>
  new PodAnonymizer(anonymizer).of(value);

class PodAnonymizer {
  private readonly anonymizer: Anonymizer;

  constructor(anonymizer: Anonymizer) {
    this.anonymizer = anonymizer;
  }

  of(value: unknown, key = ''): unknown {
    if (typeof value === 'string') return this.text(key, value);
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => this.of(item, key));
    const fields = value as Fields;
    if (key === 'labels') return this.labels(fields);
    if (key === 'annotations') return this.annotations(fields);
    const made = Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, this.of(one, name)]));
    const workload = key === 'metadata' ? workloadOf(fields) : undefined;
    return workload === undefined ? made : { ...made, ownerReferences: [this.owner(workload)] };
  }

  private text(key: string, text: string): string {
    if (key === 'uid') return this.anonymizer.id(text);
    if (key === 'containerID') {
      const [, runtime = '', id = text] = /^((?:containerd|cri-o|docker|podman):\/\/)(.*)$/s.exec(text) ?? [];
      return `${runtime}${this.anonymizer.id(id)}`;
    }
    return Object.hasOwn(plain, key) && plain[key]?.test(text) === true ? text : this.anonymizer.name(text);
  }

  /** The workload as the owner: after anonymization no rule could derive it from names and labels. */
  private owner(workload: string): Fields {
    const slash = workload.indexOf('/');
    const [kind, names] = [workload.slice(0, slash), workload.slice(slash + 1).split('/')];
    const name = names.map((one) => this.anonymizer.name(one)).join('/');
    return { kind: this.text('kind', kind), name, controller: true };
  }

  private labels(labels: Fields): Fields {
    const { anonymizer } = this;
    return Object.fromEntries(
      Object.entries(labels).map(([key, value]) => [
        knownLabel.test(key) ? key : anonymizer.name(key),
        typeof value === 'string' ? anonymizer.name(value) : this.of(value),
      ]),
    );
  }

  private annotations(annotations: Fields): Fields {
    return Object.fromEntries(
      Object.entries(annotations).flatMap(([key, value]) => {
        if (!Object.hasOwn(keptAnnotations, key) || typeof value !== 'string') return [];
        if (keptAnnotations[key] === 'id') return [[key, this.anonymizer.id(value)]];
        return value === 'true' ? [[key, value]] : [];
      }),
    );
  }
}
