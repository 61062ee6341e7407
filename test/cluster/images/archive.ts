/** Builds image archives for `ctr images import`, without a registry. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { command } from '../machine/command.ts';
import { dirs } from '../machine/paths.ts';

export interface Image {
  /** Has a tag, and a host part that no registry has: `localhost/busybox:1`. */
  readonly name: string;
  /** This directory becomes the only layer. Its files belong to root there. */
  readonly rootfs: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly workingDir?: string;
}

export const pauseImage = 'localhost/pause:1';
export const busyboxImage = 'localhost/busybox:1';

/** Writes the archive and returns its path. */
export async function archive(image: Image): Promise<string> {
  fs.mkdirSync(dirs.images, { recursive: true });
  const work = fs.mkdtempSync(path.join(dirs.images, 'archive-'));
  const layer = path.join(work, 'layer.tar');
  await tar(image.rootfs, layer, ['.']);
  const { user, workingDir, env = {}, entrypoint = [], command: cmd = [] } = image;
  const config = JSON.stringify({
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: {
      Entrypoint: entrypoint,
      Cmd: cmd,
      Env: Object.entries({ PATH: '/bin:/usr/bin', ...env }).map(([key, value]) => `${key}=${value}`),
      User: user,
      WorkingDir: workingDir,
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(fs.readFileSync(layer))}`] },
  });
  const configFile = `${sha256(config)}.json`;
  fs.writeFileSync(path.join(work, configFile), config);
  const manifest = [{ Config: configFile, RepoTags: [image.name], Layers: ['layer.tar'] }];
  fs.writeFileSync(path.join(work, 'manifest.json'), JSON.stringify(manifest));
  const file = archiveOf(image.name);
  await tar(work, file, ['manifest.json', configFile, 'layer.tar']);
  fs.rmSync(work, { recursive: true });
  return file;
}

/** Builds the sandbox image, whose process only waits, and the image of the tests' own pods. */
export async function makeOwnImages(): Promise<void> {
  const rootfs = path.join(dirs.images, 'busybox');
  fs.mkdirSync(path.join(rootfs, 'tmp'), { recursive: true });
  fs.chmodSync(path.join(rootfs, 'tmp'), 0o1777);
  await installBusybox(path.join(rootfs, 'bin'));
  await archive({ name: pauseImage, rootfs, command: ['sleep', 'infinity'] });
  await archive({ name: busyboxImage, rootfs, command: ['sh'] });
}

export const ownArchives = [pauseImage, busyboxImage].map(archiveOf);

/** Copies busybox, and links each of its command names to it. */
export async function installBusybox(directory: string): Promise<void> {
  fs.mkdirSync(directory, { recursive: true });
  fs.copyFileSync('/bin/busybox', path.join(directory, 'busybox'));
  for (const applet of (await command('busybox', ['--list'])).trim().split('\n'))
    if (applet !== 'busybox') fs.symlinkSync('busybox', path.join(directory, applet));
}

/** Fixed order, owner and times: the same files give the same archive. */
async function tar(directory: string, file: string, names: readonly string[]): Promise<void> {
  const same = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0'];
  await command('tar', [...same, '-C', directory, '-cf', file, ...names]);
}

const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Returns the path of an image's archive. The file need not exist yet. */
export function archiveOf(name: string): string {
  return path.join(dirs.images, `${name.replaceAll(/[^\w.-]/g, '-')}.tar`);
}
