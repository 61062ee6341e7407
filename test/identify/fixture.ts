/** The output of `kubectl get pods -A -o yaml` for one node. */
import fs from 'node:fs';

export const podsText: string = fs.readFileSync(
  new URL('../../fixtures/pods/node-1.yaml', import.meta.url),
  'utf8',
);
