/** The objects of a rendered chart, with the fields that tests read. */
import { parseAllDocuments } from 'yaml';

export interface Manifest {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly rules?: readonly Rule[];
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: PodSpec & {
    readonly template?: { readonly spec: PodSpec };
    readonly jobTemplate?: {
      readonly spec: {
        readonly ttlSecondsAfterFinished?: number;
        readonly template: { readonly spec: PodSpec };
      };
    };
  };
}

export interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

export interface PodSpec {
  readonly dnsPolicy?: string;
  readonly imagePullSecrets?: readonly { readonly name: string }[];
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly hostNetwork?: boolean;
  readonly automountServiceAccountToken?: boolean;
  readonly serviceAccountName?: string;
  readonly securityContext?: SecurityContext;
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly { readonly name: string; readonly hostPath?: { readonly path: string } }[];
}

export interface SecurityContext {
  readonly privileged?: boolean;
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly readOnlyRootFilesystem?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
  readonly seccompProfile?: { readonly type: string };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly command?: readonly string[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly securityContext?: SecurityContext;
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string>>;
    readonly limits?: Readonly<Record<string, string>>;
  };
  readonly volumeMounts?: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly?: boolean;
    readonly recursiveReadOnly?: string;
  }[];
  readonly livenessProbe?: unknown;
  readonly readinessProbe?: unknown;
  readonly startupProbe?: unknown;
}

/** By text: most values change few documents of the chart, and the CRD takes long to parse. */
const parsed = new Map<string, readonly Manifest[]>();

/** @throws if the text is not valid YAML */
export const objectsOf = (text: string): readonly Manifest[] =>
  text.split(/^---\n/m).flatMap((document) => {
    const known = parsed.get(document) ?? parse(document);
    parsed.set(document, known);
    return known;
  });

const parse = (text: string): readonly Manifest[] =>
  parseAllDocuments(text).flatMap((document) => {
    const [fault] = [...document.errors, ...document.warnings];
    if (fault !== undefined) throw fault;
    return (document.toJS() as Manifest | null) ?? [];
  });

/** The objects of one kind. Parses no others, which takes long for a text with many objects. */
export const onlyOfKind = (kind: string, text: string): readonly Manifest[] =>
  ofKind(
    kind,
    text
      .split(/^---\n/m)
      .filter((document) => document.includes(`kind: ${kind}`))
      .flatMap(parse),
  );

export const ofKind = (kind: string, manifests: readonly Manifest[]): readonly Manifest[] =>
  manifests.filter((manifest) => manifest.kind === kind);
