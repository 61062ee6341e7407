/** Builds an image of busybox without a registry, in the format of `docker save`. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { findTool, requireTools } from '../machine/command.ts';

export const imageName = 'realmem.test/busybox:1';

const applets = ['sh', 'cat', 'dd', 'sleep', 'usleep'];

/** The file system of a container, as a tar archive. */
export function rootFileSystem(): Buffer {
  requireTools('busybox');
  const busybox = fs.readFileSync(findTool('busybox') as string);
  assert.ok(!busybox.includes('/ld-linux'), 'busybox is linked dynamically; apt-get install busybox-static');
  return tar([
    { name: 'bin/', type: 'directory' },
    { name: 'bin/busybox', type: 'file', content: busybox },
    ...applets.map((applet): Entry => ({ name: `bin/${applet}`, type: 'link', to: 'busybox' })),
  ]);
}

const architectures: Readonly<Record<string, string>> = { x64: 'amd64' };

export function imageArchive(layer: Buffer): Buffer {
  const config = JSON.stringify({
    architecture: architectures[process.arch] ?? process.arch,
    os: 'linux',
    config: { Env: ['PATH=/bin'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
  });
  const manifest = [{ Config: 'config.json', RepoTags: [imageName], Layers: ['layer.tar'] }];
  return tar([
    { name: 'config.json', type: 'file', content: Buffer.from(config) },
    { name: 'layer.tar', type: 'file', content: layer },
    { name: 'manifest.json', type: 'file', content: Buffer.from(JSON.stringify(manifest)) },
  ]);
}

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

type Entry =
  | { readonly type: 'directory'; readonly name: string }
  | { readonly type: 'file'; readonly name: string; readonly content: Buffer }
  | { readonly type: 'link'; readonly name: string; readonly to: string };

const block = 512;

const tar = (entries: readonly Entry[]): Buffer =>
  Buffer.concat([
    ...entries.flatMap((entry) => {
      if (entry.type !== 'file') return [header(entry, 0)];
      const { length } = entry.content;
      return [header(entry, length), entry.content, Buffer.alloc((block - (length % block)) % block)];
    }),
    Buffer.alloc(2 * block),
  ]);

/** A POSIX ustar header: name, mode, owner, group, size and time in octal, checksum, type, link. */
function header(entry: Entry, size: number): Buffer {
  const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`;
  const bytes = Buffer.alloc(block);
  bytes.write(entry.name, 0);
  bytes.write(octal(0o755, 8) + octal(0, 8) + octal(0, 8) + octal(size, 12) + octal(0, 12), 100);
  bytes.write(' '.repeat(8), 148);
  bytes.write({ file: '0', link: '2', directory: '5' }[entry.type], 156);
  if (entry.type === 'link') bytes.write(entry.to, 157);
  bytes.write('ustar\x0000', 257);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(octal(sum, 7), 148);
  return bytes;
}
