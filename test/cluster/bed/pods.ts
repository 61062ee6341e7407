/** Pods for tests. */
import { busyboxImage } from './bed.ts';

/** A pod that does nothing. Without a node the scheduler places it on a node with the labels of `nodeSelector`. */
export const idlePod = (
  namespace: string,
  name: string,
  node?: string,
  nodeSelector: Readonly<Record<string, string>> = {},
): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  ${node === undefined ? `nodeSelector: ${JSON.stringify(nodeSelector)}` : `nodeName: ${node}`}
  terminationGracePeriodSeconds: 0
  containers:
  - {name: main, image: ${busyboxImage}, imagePullPolicy: Never, command: [sleep, infinity]}
`;
