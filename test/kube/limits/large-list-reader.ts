/** Lists the pods of the given API with the agent's heap size, and prints how many it keeps. */
import { FollowedPods, followPods } from '../../../src/identify/followed-pods.ts';
import { openKube } from '../../../src/kube/client.ts';

const [, , server = ''] = process.argv;
const kube = openKube(async () => ({ server }));
const pods = new FollowedPods();
const end = new AbortController();
const listed = (): void => {
  process.stdout.write(`${pods.names.pods.length}\n`);
  end.abort();
};
const sleep = async (): Promise<void> => {};
await followPods(kube, 'n', pods, { now: () => 0, random: () => 0, sleep, listed }, end.signal);
kube.close();
