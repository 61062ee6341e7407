/**
 * Webhooks that inject containers into pods. The owner's template does not have these containers, so their request and
 * limit are set where the injector reads them: mostly in annotations of the pod template.
 */

interface Injector {
  readonly name: string;
  /** Names of the containers that it injects. */
  readonly containers: readonly string[];
  /** The annotation that marks a pod with injected containers. */
  readonly annotation: string;
  /** Only this value of the annotation marks the pod. Absent: any value does. */
  readonly value?: string;
  /** Annotation of the pod template that sets the memory request. Absent: the injector has no such annotation. */
  readonly request?: string;
  /** Annotation of the pod template that sets the memory limit. Absent: the injector has no such annotation. */
  readonly limit?: string;
  /** One more hint for the user. */
  readonly note?: string;
}

const injectors: readonly Injector[] = [
  {
    name: 'Istio',
    containers: ['istio-proxy', 'istio-init', 'istio-validation'],
    annotation: 'sidecar.istio.io/status',
    request: 'sidecar.istio.io/proxyMemory',
    limit: 'sidecar.istio.io/proxyMemoryLimit',
    note: 'Istio then drops its own defaults: set sidecar.istio.io/proxyCPU and proxyCPULimit too',
  },
  {
    name: 'Linkerd',
    containers: ['linkerd-proxy', 'linkerd-init', 'linkerd-network-validator'],
    annotation: 'linkerd.io/proxy-version',
    request: 'config.linkerd.io/proxy-memory-request',
    limit: 'config.linkerd.io/proxy-memory-limit',
  },
  {
    name: 'Vault',
    containers: ['vault-agent', 'vault-agent-init'],
    annotation: 'vault.hashicorp.com/agent-inject-status',
    value: 'injected',
    request: 'vault.hashicorp.com/agent-requests-mem',
    limit: 'vault.hashicorp.com/agent-limits-mem',
  },
  {
    name: 'Dapr',
    containers: ['daprd'],
    annotation: 'dapr.io/enabled',
    value: 'true',
    request: 'dapr.io/sidecar-memory-request',
    limit: 'dapr.io/sidecar-memory-limit',
  },
  {
    name: 'Consul',
    containers: ['consul-dataplane', 'consul-connect-inject-init', 'envoy-sidecar'],
    annotation: 'consul.hashicorp.com/connect-inject-status',
    value: 'injected',
    request: 'consul.hashicorp.com/sidecar-proxy-memory-request',
    limit: 'consul.hashicorp.com/sidecar-proxy-memory-limit',
  },
  {
    name: 'Kuma',
    containers: ['kuma-sidecar', 'kuma-init', 'kuma-validation'],
    annotation: 'kuma.io/sidecar-injected',
    value: 'true',
    note: 'with a ContainerPatch, named in the annotation kuma.io/container-patches',
  },
  {
    name: 'GKE',
    containers: ['gke-gcsfuse-sidecar'],
    annotation: 'gke-gcsfuse/volumes',
    value: 'true',
    request: 'gke-gcsfuse/memory-request',
    limit: 'gke-gcsfuse/memory-limit',
  },
  {
    name: 'the OpenTelemetry operator',
    containers: ['otc-container'],
    annotation: 'sidecar.opentelemetry.io/inject',
    note: 'in the OpenTelemetryCollector of mode sidecar',
  },
];

/** Names of the containers that were injected into a pod with these annotations. */
export const injectedBy = (annotations: Readonly<Record<string, unknown>>): readonly string[] =>
  injectors.flatMap(({ annotation, value, containers }) => {
    const found = annotations[annotation];
    return typeof found === 'string' && (value === undefined || found === value) ? containers : [];
  });

/** Whether an injector uses this container name. Only the template of an injector's own gateway has such a container. */
export const isInjectedName = (container: string): boolean =>
  injectors.some(({ containers }) => containers.includes(container));

/** Tells the user where to set the sizes of an injected container. @param sizes as a manifest has them: `24Mi` */
export function injectorSays(
  container: string,
  sizes: { readonly request?: string; readonly limit?: string },
): string {
  const injector = injectors.find(({ containers }) => containers.includes(container));
  if (injector === undefined)
    return `it is not in the template: if a webhook injects it, set ${inWords(sizes)} in the configuration of that webhook`;
  const { name, request, limit, note } = injector;
  const annotations = [
    ...(request !== undefined && sizes.request !== undefined ? [`${request}: "${sizes.request}"`] : []),
    ...(limit !== undefined && sizes.limit !== undefined ? [`${limit}: "${sizes.limit}"`] : []),
  ];
  const more = note === undefined ? '' : ` (${note})`;
  return annotations.length === 0
    ? `${name} injects it into the pod: set ${inWords(sizes)} in the configuration of ${name}${more}`
    : `${name} injects it into the pod: annotate the pod template with ${annotations.join(' and ')}${more}`;
}

const inWords = ({ request, limit }: { readonly request?: string; readonly limit?: string }): string =>
  [
    ...(request === undefined ? [] : [`request ${request}`]),
    ...(limit === undefined ? [] : [`limit ${limit}`]),
  ].join(' and ');
