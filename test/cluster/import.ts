/** Images into the containerds of all nodes. */
import { ctr } from './containerd.ts';
import { importIntoGuest, inGuest, isGuestRunning } from './guest/guest.ts';

/** The guest takes about half a second for each MB, and nothing for an image that it has. */
export async function importArchive(name: string, file: string): Promise<void> {
  await ctr('images', 'import', file);
  if (!isGuestRunning()) return;
  const listed = ['images', 'list', `name==${name}`];
  const there = await inGuest(`ctr --namespace k8s.io ${listed.join(' ')}`);
  if (there.trim() !== (await ctr(...listed)).trim()) await importIntoGuest(file);
}
