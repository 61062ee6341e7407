/** The Job that probes a container: one pod, on its node, with an end of its own. */
import { superviseCommand } from '../edges/process.ts';
import { domain, version } from '../model/product.ts';
import type { ProbeSite } from './site.ts';
import { nameOf, type ProbeTarget } from './target.ts';

export interface ProbeOptions {
  readonly durationMs: number;
  /** Flags of `realmem probe`, as the user typed them: `--max-stall`, `10%`. */
  readonly flags: readonly string[];
  /** Another one for each Job. */
  readonly run: string;
}

/** The annotation with `run`. */
export const runAnnotation = `${domain}/run`;

/** The name of its container, and of its pods' label. */
export const probeName = 'realmem-probe';
export const containerName = 'probe';

/** Time for the kubelet to start the pod. */
export const startSeconds = 120;
/** Time to read the answer. */
const readSeconds = 60;
/** On cgroup v1 the probe restores the limit within milliseconds. */
const graceSeconds = 10;

/** Two probes of one container at the same time would disturb each other. So both have the same name. */
export const jobName = ({ id }: ProbeTarget): string => `${probeName}-${id.slice(0, 12)}`;

const root = '/host';

/**
 * The mount of the hierarchy that has the container's cgroup. On cgroup v1, those of other controllers are mounted beside it, and a
 * read-only mount of `/sys/fs/cgroup` would leave them writable.
 */
const hierarchyOf = (directory: string): string =>
  /^\/sys\/fs\/cgroup\/memory(?=\/)/.exec(directory)?.[0] ?? '/sys/fs/cgroup';

export function manifestOf(
  target: ProbeTarget,
  site: ProbeSite,
  { durationMs, flags, run }: ProbeOptions,
): object {
  const { namespace, image, pullPolicy, pullSecrets, directory } = site;
  const hierarchy = hierarchyOf(directory);
  const labels = {
    'app.kubernetes.io/name': probeName,
    'app.kubernetes.io/part-of': 'realmem',
    'app.kubernetes.io/version': version,
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      ...{ name: jobName(target), namespace, labels },
      annotations: { [`${domain}/probes`]: nameOf(target), [runAnnotation]: run },
    },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: Math.ceil(durationMs / 1000) + startSeconds + readSeconds,
      ttlSecondsAfterFinished: readSeconds,
      template: {
        metadata: { labels },
        spec: {
          nodeName: target.node,
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: graceSeconds,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          tolerations: [{ operator: 'Exists' }],
          ...(pullSecrets.length > 0 && { imagePullSecrets: pullSecrets.map((name) => ({ name })) }),
          securityContext: {
            ...{ runAsUser: 0, runAsGroup: 0, runAsNonRoot: false },
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: containerName,
              image,
              ...(pullPolicy !== undefined && { imagePullPolicy: pullPolicy }),
              args: [superviseCommand, 'probe', target.id, '--root', root, '--output', 'lines', ...flags],
              // No limit of CPU: it could stop the probe between two writes.
              resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '256Mi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
              volumeMounts: [
                {
                  ...{ name: 'cgroups', mountPath: `${root}${hierarchy}` },
                  ...{ readOnly: true, recursiveReadOnly: 'IfPossible' },
                },
                { name: 'container', mountPath: `${root}${directory}` },
              ],
            },
          ],
          volumes: [
            { name: 'cgroups', hostPath: { path: hierarchy, type: 'Directory' } },
            { name: 'container', hostPath: { path: directory, type: 'Directory' } },
          ],
        },
      },
    },
  };
}
