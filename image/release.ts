/**
 * `npm run release -- --registry HOST/TEAM [--dry-run]` releases the version in package.json: the image for both architectures, the
 * chart and the npm package. `dist/release/` gets the local artifacts, krew's plugin, an SBOM and checksums; `dist/` gets an
 * executable file for each architecture. The release looks up the digests of
 * the base images, builds on these digests, and writes them to `dist/release/base-images`. `dist/release/image.json` gets the digest
 * of the image. A dry run builds everything that needs neither a daemon nor a registry, and prints the commands for the rest.
 * `node image/release.ts --sums` writes `SHA256SUMS` again, of all files that are there by then.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { basesIn, isPinned, pinned } from './bases.ts';
import { bundle, bundleDirectory } from './bundle.ts';
import { makeExecutables } from './executable.ts';
import { makeKrewPlugin } from './krew.ts';
import { makePackage } from './package.ts';
import { sbomOf } from './sbom.ts';

const root = path.resolve(import.meta.dirname, '..');
const release = path.join(bundleDirectory, 'release');
const chart = path.join(root, 'charts/realmem');
/** Of the Node that runs this; the executable files contain the same version. */
const nodeLicence = path.join(path.dirname(fs.realpathSync(process.execPath)), '../LICENSE');
/** This file has the digest of the pushed image as `containerimage.digest`. */
const imageMetadata = 'image.json';
const sumsFile = 'SHA256SUMS';
const helm = process.env['HELM'] || 'helm';

const read = (file: string): string => fs.readFileSync(path.join(root, file), 'utf8');
const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const run = (command: readonly [string, ...string[]]): void => {
  const [file, ...args] = command;
  try {
    execFileSync(file, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  } catch (error) {
    const todo = file === helm ? ': install helm 3 or 4, or set HELM to its path' : '';
    throw new Error(`${command.join(' ')} failed (${error instanceof Error ? error.message : error})${todo}`);
  }
};

interface Product {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly homepage: string;
}

/** Reasons not to release. */
function faults({ version }: Product, registry: string | undefined, dryRun: boolean): readonly string[] {
  const { version: chartVersion, appVersion } = parse(read('charts/realmem/Chart.yaml')) as Record<
    string,
    string
  >;
  const changed = execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' });
  return [
    ...(appVersion === version
      ? []
      : [`Chart.yaml: expected appVersion ${version}, as in package.json, got ${appVersion}`]),
    ...(chartVersion === version
      ? []
      : [`Chart.yaml: expected version ${version}, as in package.json, got ${chartVersion}`]),
    ...(changed === '' || dryRun ? [] : ['the working tree has uncommitted changes: commit them first']),
    ...(registry === undefined && !dryRun
      ? ['expected --registry HOST/TEAM, got none; pass it, or use --dry-run']
      : []),
  ];
}

/**
 * The base images as build arguments, each with its digest. A dry run asks no registry.
 * @throws if a registry returns no digest: then nothing is published
 */
function lookUpBases(dryRun: boolean): readonly string[] {
  const bases = basesIn(read('Dockerfile')).map(({ argument, image }) => {
    if (isPinned(image)) return `${argument}=${image}`;
    const inspect = ['buildx', 'imagetools', 'inspect', '--format', '{{.Manifest.Digest}}', image];
    if (dryRun) return `${argument}=${image}@$(docker ${inspect.join(' ')})`;
    const digest = execFileSync('docker', inspect, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return `${argument}=${pinned(image, digest.trim())}`;
  });
  if (!dryRun) fs.writeFileSync(path.join(release, 'base-images'), `${bases.join('\n')}\n`);
  return bases;
}

/** Makes the local artifacts. The bundle comes first, because it replaces `dist/`. */
async function make(product: Product, dryRun: boolean): Promise<readonly string[]> {
  await bundle();
  run([helm, 'package', chart, '--destination', path.join(release, 'chart')]);
  const thirdParty = path.join(bundleDirectory, 'THIRD-PARTY-LICENSES');
  await makePackage(path.join(release, 'npm'));
  await makeExecutables(bundleDirectory);
  const licences = [
    ['LICENSE', path.join(root, 'LICENSE')],
    ['THIRD-PARTY-LICENSES', thirdParty],
    ['LICENSE-node', nodeLicence],
  ] as const;
  makeKrewPlugin(path.join(release, 'krew'), bundleDirectory, licences, product);
  const licenses = fs.readFileSync(thirdParty, 'utf8');
  const sbom = sbomOf(product, licenses, JSON.parse(read('package-lock.json')));
  fs.writeFileSync(path.join(release, 'sbom.cdx.json'), `${JSON.stringify(sbom, null, 2)}\n`);
  fs.copyFileSync(thirdParty, path.join(release, 'THIRD-PARTY-LICENSES'));
  const bases = lookUpBases(dryRun);
  writeSums();
  return bases;
}

/** Checksums of all files but themselves and their signature, in the format of `sha256sum --check`. */
export function sumsOf(directory: string): string {
  return fs
    .readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((file) => !file.startsWith(sumsFile) && fs.statSync(path.join(directory, file)).isFile())
    .sort()
    .map((file) => {
      const sum = createHash('sha256').update(fs.readFileSync(path.join(directory, file)));
      return `${sum.digest('hex')}  ${file}\n`;
    })
    .join('');
}

const writeSums = (): void => fs.writeFileSync(path.join(release, sumsFile), sumsOf(release));

/** The commands that publish. The image comes first, because chart and package refer to it. */
function publishing(
  { name, version }: Product,
  registry: string,
  bases: readonly string[],
): readonly (readonly [string, ...string[]])[] {
  const file = `${name}-${version}.tgz`;
  return [
    [
      ...(['docker', 'buildx', 'build', '--platform', 'linux/amd64,linux/arm64'] as const),
      ...bases.flatMap((base) => ['--build-arg', base]),
      // BuildKit scans the whole image for this SBOM, Node and the base image included.
      ...['--sbom=true', '--provenance=mode=max'],
      ...['--label', `org.opencontainers.image.version=${version}`],
      // The release workflow signs this digest, because a tag could point elsewhere by then.
      ...['--metadata-file', path.join('dist/release', imageMetadata)],
      ...['--tag', `${registry}/${name}:${version}`, '--push', '.'],
    ],
    [helm, 'push', path.join('dist/release/chart', file), `oci://${registry}/charts`],
    ['npm', 'publish', path.join('dist/release/npm', file)],
  ];
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { 'dry-run': { type: 'boolean' }, registry: { type: 'string' }, sums: { type: 'boolean' } },
  });
  if (values.sums === true) {
    writeSums();
    return 0;
  }
  const dryRun = values['dry-run'] === true;
  const product = JSON.parse(read('package.json')) as Product;
  const wrong = faults(product, values.registry, dryRun);
  if (wrong.length > 0) {
    process.stderr.write(`${wrong.join('\n')}\n`);
    return 1;
  }
  const bases = await make(product, dryRun);
  say(`dist/release/ of ${product.name} ${product.version}:`);
  say(fs.readFileSync(path.join(release, sumsFile), 'utf8'));
  for (const command of publishing(product, values.registry ?? 'registry.example.org/team', bases)) {
    say(`${dryRun ? 'would run' : 'running'}: ${command.join(' ')}`);
    if (!dryRun) run(command);
  }
  // The digest of the image is known only now.
  if (!dryRun) writeSums();
  return 0;
}

if (import.meta.main)
  try {
    process.exitCode = await main();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
