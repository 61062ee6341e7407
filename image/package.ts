/**
 * `npm run package` makes the npm package in `dist/`: the bundle, man pages and a package.json without dependencies, because the
 * bundle contains them. The package.json of the repository has what the sources import.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { allCommands } from '../src/cli/main.ts';
import { bundle, bundleDirectory } from './bundle.ts';
import { manPages } from './man.ts';

const root = path.resolve(import.meta.dirname, '..');

/** What an installed package needs of the repository's package.json. Scripts and dependencies stay out. */
const kept = [
  ...['name', 'version', 'description', 'license', 'keywords', 'homepage', 'bugs', 'repository'],
  ...['type', 'engines', 'bin'],
];

/** @returns the path of the package: `realmem-VERSION.tgz` in `directory` */
export async function makePackage(directory: string): Promise<string> {
  const staging = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-package-'));
  try {
    await bundle(path.join(staging, 'dist'));
    for (const one of ['bin', 'README.md', 'CHANGELOG.md', 'LICENSE'])
      fs.cpSync(path.join(root, one), path.join(staging, one), { recursive: true });
    const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      readonly version: string;
      readonly [key: string]: unknown;
    };
    const pages = manPages(await allCommands(), manifest.version);
    fs.mkdirSync(path.join(staging, 'man'));
    for (const { file, text } of pages) fs.writeFileSync(path.join(staging, 'man', file), text);
    const published = {
      ...Object.fromEntries(kept.map((key) => [key, manifest[key]])),
      man: pages.map(({ file }) => `man/${file}`),
    };
    fs.writeFileSync(path.join(staging, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
    fs.mkdirSync(directory, { recursive: true });
    const pack = ['pack', '--silent', '--pack-destination', path.resolve(directory)];
    const file = execFileSync('npm', pack, { cwd: staging, encoding: 'utf8' }).trim();
    return path.join(directory, file);
  } finally {
    fs.rmSync(staging, { recursive: true });
  }
}

if (import.meta.main) process.stdout.write(`${await makePackage(bundleDirectory)}\n`);
