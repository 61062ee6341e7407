/** Static pods: a kubelet runs them from files, with or without an API server. */
import fs from 'node:fs';
import path from 'node:path';
import { inGuest } from '../guest/guest.ts';
import { dirs, guestBase, guestNode } from '../machine/paths.ts';
import { staticPods } from './node-config.ts';

export async function putStaticPod(node: string, name: string, yaml: string): Promise<void> {
  const { file, unfinished } = filesOf(node, name);
  if (node !== guestNode) {
    fs.writeFileSync(unfinished, yaml);
    return fs.renameSync(unfinished, file);
  }
  const text = Buffer.from(yaml).toString('base64');
  await inGuest(`echo ${text} | base64 -d >${unfinished} && mv ${unfinished} ${file}`);
}

export async function removeStaticPod(node: string, name: string): Promise<void> {
  const { file } = filesOf(node, name);
  if (node === guestNode) await inGuest(`rm -f ${file}`);
  else fs.rmSync(file, { force: true });
}

function filesOf(node: string, name: string): { readonly file: string; readonly unfinished: string } {
  if (!/^[\w-]+$/.test(name))
    throw new Error(`expected a name of letters, digits, _ and - for a static pod, got ${name}`);
  const directory = staticPods(node === guestNode ? guestBase : dirs.run);
  // The kubelet ignores file names with a leading dot.
  return { file: path.join(directory, `${name}.yaml`), unfinished: path.join(directory, `.${name}.yaml`) };
}
