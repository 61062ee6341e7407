/** Makes each kind of call to the given API with the agent's heap size, and prints how each call ended. */

import { ApiError } from '../../../src/kube/api-error.ts';
import { openKube } from '../../../src/kube/client.ts';

const [, , server = '', ...paths] = process.argv;
const kube = openKube(async () => ({ server }));
const deadlineMs = 700;
const ends: string[] = [];
for (const path of paths) {
  const ways: readonly (() => Promise<unknown>)[] = [
    () => kube.call({ path, deadlineMs }),
    () => kube.call({ path, deadlineMs, method: 'PATCH', body: {} }),
    () => kube.list({ path, deadlineMs }, () => {}, { large: () => {}, cut: () => {} }),
    async () => {
      for await (const _ of kube.lines({ path, signal: AbortSignal.timeout(deadlineMs) })) void _;
    },
  ];
  const ended = ways.map((way) =>
    way().then(
      () => 'done',
      (error: unknown) => (error instanceof ApiError ? 'ApiError' : String(error)),
    ),
  );
  ends.push(...(await Promise.all(ended)));
}
kube.close();
process.stdout.write(JSON.stringify(ends));
