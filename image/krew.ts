/**
 * The plugin for krew, kubectl's plugin manager: an archive per platform, and the manifest that names them by hash.
 * https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import { executableName, type Platform, platforms } from './executable.ts';

export interface Product {
  readonly version: string;
  /** Of the project, for people. */
  readonly homepage: string;
}

export const archiveName = ({ arch }: Platform): string => `kubectl-realmem_linux_${arch}.tar.gz`;
export const manifestName = 'realmem.yaml';

/** In krew's index, and in the archive. */
const bin = 'kubectl-realmem';

/**
 * Writes an archive for each executable file that is in `executables`, and the manifest. The same files give the same bytes.
 * @param files what goes beside the executable file: name in the archive, and path
 */
export function makeKrewPlugin(
  directory: string,
  executables: string,
  files: readonly NamedFile[],
  product: Product,
  chosen: readonly Platform[] = platforms,
): void {
  fs.mkdirSync(directory, { recursive: true });
  const sums = chosen.map((platform) => {
    const archive = archiveOf([[bin, path.join(executables, executableName(platform))], ...files]);
    fs.writeFileSync(path.join(directory, archiveName(platform)), archive);
    return [platform, createHash('sha256').update(archive).digest('hex')] as const;
  });
  fs.writeFileSync(path.join(directory, manifestName), krewManifest(product, new Map(sums)));
}

type NamedFile = readonly [name: string, file: string];

/** A tar.gz of files by name, without owner and time. */
function archiveOf(files: readonly NamedFile[]): Buffer {
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-krew-'));
  try {
    for (const [name, file] of files) fs.copyFileSync(file, path.join(work, name));
    const tar = ['--create', '--file=-', '--sort=name', '--mtime=@0', '--mode=u=rwX,go=rX'];
    const names = files.map(([name]) => name);
    return gzipSync(
      execFileSync('tar', [...tar, '--owner=0', '--group=0', '--numeric-owner', '-C', work, ...names], {
        maxBuffer: 2 ** 29,
      }),
    );
  } finally {
    fs.rmSync(work, { recursive: true });
  }
}

/** @param sums the SHA-256 of each platform's archive */
export function krewManifest({ version, homepage }: Product, sums: ReadonlyMap<Platform, string>): string {
  const repository = homepage.replace(/#.*$/, '');
  const manifest = {
    apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
    kind: 'Plugin',
    metadata: { name: 'realmem' },
    spec: {
      version: `v${version}`,
      homepage: repository,
      shortDescription: 'Show how much memory containers really use',
      description: `Shows the real memory of containers: what the kernel could not reclaim without harm.
Explains why "kubectl top" and other tools show another figure.
Suggests memory requests and limits from the history of realmem's agents.
`,
      caveats: `Commands for the cluster need realmem's agents in it:
  ${repository}/blob/v${version}/docs/install.md
The plugin needs glibc 2.28 or newer, libstdc++ and libatomic (Debian and Ubuntu: libatomic1; Fedora and RHEL: libatomic).
It does not run on Alpine Linux.
To complete "kubectl realmem" in your shell, link the plugin under a second name:
  ln -s kubectl-realmem "\${KREW_ROOT:-$HOME/.krew}/bin/kubectl_complete-realmem"
`,
      platforms: [...sums].map(([platform, sha256]) => ({
        selector: { matchLabels: { os: 'linux', arch: platform.arch } },
        uri: `${repository}/releases/download/v${version}/${archiveName(platform)}`,
        sha256,
        bin,
      })),
    },
  };
  // Without folding, because krew prints the caveats as they are.
  return stringify(manifest, { lineWidth: 0 });
}
