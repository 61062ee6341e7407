/** Imports images into containerd on all nodes. */
import { ctr } from '../bed/containerd.ts';
import { importIntoGuest, inGuest, isGuestRunning } from '../guest/guest.ts';

/** The guest needs about half a second per MB, and no time for an image that it already has. */
export async function importArchive(name: string, file: string): Promise<void> {
  await ctr('images', 'import', file);
  if (!isGuestRunning()) return;
  const listed = ['images', 'list', `name==${name}`];
  const there = await inGuest(`ctr --namespace k8s.io ${listed.join(' ')}`);
  if (there.trim() !== (await ctr(...listed)).trim()) await importIntoGuest(file);
}
