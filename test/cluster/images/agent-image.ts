/**
 * Builds the agent's image without a container daemon or registry. It follows the Dockerfile and uses the bundle, this
 * repository's Node.js and this machine's C libraries.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { bundle, bundleDirectory } from '../../../image/bundle.ts';
import { command } from '../machine/command.ts';
import { installPackages } from '../machine/packages.ts';
import { dirs } from '../machine/paths.ts';
import type { Progress } from '../machine/progress.ts';
import { archive, archiveOf } from './archive.ts';
import { lastStage } from './dockerfile.ts';

export const agentImage = 'localhost/realmem:test';
export const agentArchive = archiveOf(agentImage);

const root = new URL('../../../', import.meta.url).pathname;
const node = fs.realpathSync(path.join(root, 'node_modules/.bin/node'));

/** Files from the Dockerfile's first stage, by their path there. Undefined: nothing to copy here. */
const built: Readonly<Record<string, string | undefined>> = {
  '/src/dist': bundleDirectory,
  '/usr/local/bin/node': node,
  // Copied together with the other libraries.
  '/src/lib': undefined,
  '/usr/local/LICENSE': undefined,
};

/** What realmem's image takes from its base image: user names, and a directory for temporary files. */
const base: Readonly<Record<string, string>> = {
  '/etc/passwd':
    'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n',
  '/etc/group': 'root:x:0:\nnonroot:x:65532:\n',
};

/** Builds the archive, unless one with the same inputs exists. */
export async function makeAgentImage(progress: Progress): Promise<void> {
  await installPackages(['binutils'], progress);
  await progress.part('image of the agent', async () => {
    await bundle();
    const text = fs.readFileSync(path.join(root, 'Dockerfile'), 'utf8');
    const inputs = path.join(dirs.images, 'agent.inputs');
    const hash = hashOfInputs(text);
    if (fs.existsSync(inputs) && fs.readFileSync(inputs, 'utf8') === hash) return;
    fs.rmSync(inputs, { force: true });
    await build(text, progress.signal);
    fs.writeFileSync(inputs, hash);
  });
}

function hashOfInputs(dockerfile: string): string {
  const { size, mtimeMs } = fs.statSync(node);
  const hash = createHash('sha256').update(JSON.stringify([dockerfile, size, mtimeMs]));
  for (const name of fs.readdirSync(bundleDirectory).sort())
    hash.update(name).update(fs.readFileSync(path.join(bundleDirectory, name)));
  return hash.digest('hex');
}

async function build(dockerfile: string, signal: AbortSignal): Promise<void> {
  const { copies, ...start } = lastStage(dockerfile);
  const rootfs = path.join(dirs.images, 'agent');
  fs.rmSync(rootfs, { recursive: true, force: true });
  fs.mkdirSync(path.join(rootfs, 'tmp'), { recursive: true });
  fs.chmodSync(path.join(rootfs, 'tmp'), 0o1777);
  const put = (from: string, to: string): void => fs.cpSync(from, path.join(rootfs, to), { recursive: true });
  for (const { stage, from, to } of copies) {
    if (stage !== undefined && !(from in built))
      throw new Error(`Dockerfile: no substitute for ${from}; add it to "built"`);
    const source = stage === undefined ? path.join(root, from) : built[from];
    if (source === undefined) continue;
    put(source, to);
    // Debug symbols are a quarter of the program, and the guest needs half a second per MB.
    if (source === node) await command('strip', [path.join(rootfs, to)], { signal });
  }
  const libraries = await command('ldd', [node], { signal });
  for (const [library] of libraries.matchAll(/\/lib\S+\.so\S*/g)) put(fs.realpathSync(library), library);
  for (const [name, content] of Object.entries(base)) {
    fs.mkdirSync(path.join(rootfs, path.dirname(name)), { recursive: true });
    fs.writeFileSync(path.join(rootfs, name), content);
  }
  // The image's user must be able to read the files, whatever the umask of this work tree.
  await command('chmod', ['-R', 'a+rX', rootfs], { signal });
  await archive({ name: agentImage, rootfs, ...start });
  fs.rmSync(rootfs, { recursive: true });
}
