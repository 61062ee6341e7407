/** Webhooks that put containers into pods: no owner's template has those, and each is set where its injector reads it. */

interface Injector {
  readonly name: string;
  readonly containers: readonly string[];
  /** An annotation of a pod into which it put them; with a value, only that one tells. */
  readonly annotation: string;
  readonly value?: string;
  /** Of the template of the pod: what sets request and limit. Absent: there is none for each pod. */
  readonly request?: string;
  readonly limit?: string;
  readonly note?: string;
}

const injectors: readonly Injector[] = [
  {
    name: 'Istio',
    containers: ['istio-proxy', 'istio-init', 'istio-validation'],
    annotation: 'sidecar.istio.io/status',
    request: 'sidecar.istio.io/proxyMemory',
    limit: 'sidecar.istio.io/proxyMemoryLimit',
    note: 'with one of them Istio leaves out its own defaults: set sidecar.istio.io/proxyCPU and proxyCPULimit too',
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
    note: 'a ContainerPatch that kuma.io/container-patches names sets it',
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
    note: 'the OpenTelemetryCollector of mode sidecar sets it',
  },
];

/** What the annotations of a pod say was put into it. */
export const injectedBy = (annotations: Readonly<Record<string, unknown>>): readonly string[] =>
  injectors.flatMap(({ annotation, value, containers }) => {
    const found = annotations[annotation];
    return typeof found === 'string' && (value === undefined || found === value) ? containers : [];
  });

/** No template calls a container so, unless it is that injector's own gateway. */
export const isInjectedName = (container: string): boolean =>
  injectors.some(({ containers }) => containers.includes(container));

/** How to set it instead. @param sizes as they are written into a manifest */
export function injectorSays(
  container: string,
  sizes: { readonly request?: string; readonly limit?: string },
): string {
  const injector = injectors.find(({ containers }) => containers.includes(container));
  if (injector === undefined)
    return `it is not in the template: where something puts it into the pod, set ${inWords(sizes)} there`;
  const { name, request, limit, note } = injector;
  const annotations = [
    ...(request !== undefined && sizes.request !== undefined ? [`${request}: "${sizes.request}"`] : []),
    ...(limit !== undefined && sizes.limit !== undefined ? [`${limit}: "${sizes.limit}"`] : []),
  ];
  const more = note === undefined ? '' : ` (${note})`;
  return annotations.length === 0
    ? `${name} puts it into the pod: set ${inWords(sizes)} where it is configured${more}`
    : `${name} puts it into the pod: annotate the pod template with ${annotations.join(' and ')}${more}`;
}

const inWords = ({ request, limit }: { readonly request?: string; readonly limit?: string }): string =>
  [
    ...(request === undefined ? [] : [`request ${request}`]),
    ...(limit === undefined ? [] : [`limit ${limit}`]),
  ].join(' and ');
