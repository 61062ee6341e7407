/** A node’s pods as `kubectl get pods -A -o yaml` prints them. */
import fs from 'node:fs';

export const podsText: string = fs.readFileSync(
  new URL('../../fixtures/pods/node-1.yaml', import.meta.url),
  'utf8',
);
