/**
 * `npm run bundle` bundles realmem and the packages that it uses into a few files in `dist/`, for the image and the npm package.
 * The same sources give the same bytes.
 */
import fs from 'node:fs';
import path from 'node:path';
import { build, type Metafile } from 'esbuild';
import { kubeconfigOnly, loadLittle, pageInside, pinoOnly } from './plugins.ts';

const root = path.resolve(import.meta.dirname, '..');

export const bundleDirectory = path.join(root, 'dist');

/** @param oneFile for an executable file, which can import no others */
export async function bundle(outdir = bundleDirectory, { oneFile = false } = {}): Promise<void> {
  fs.rmSync(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { realmem: 'src/cli.ts' },
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // Commands and the Kubernetes library stay separate files, which Node reads when it needs them.
    splitting: !oneFile,
    format: 'esm',
    platform: 'node',
    // Node keeps the source in memory, so smaller is better. Line breaks keep an error from printing the whole file.
    minifyWhitespace: true,
    lineLimit: 200,
    target: 'node22',
    legalComments: 'none',
    // CommonJS packages need `require`.
    banner: {
      js: `const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);`,
    },
    plugins: [kubeconfigOnly, pageInside, pinoOnly, loadLittle],
    metafile: true,
    logLevel: 'warning',
  });
  fs.writeFileSync(path.join(outdir, 'THIRD-PARTY-LICENSES'), licenses(metafile));
}

/** Packages in the template of the page, which is bundled before. */
const inPage = ['node_modules/preact'];

/** The licence texts of all packages in the bundle. */
function licenses({ inputs }: Metafile): string {
  const packages = [
    ...Object.keys(inputs).flatMap((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []),
    ...inPage,
  ];
  const texts = [...new Set(packages)].sort().map((name) => {
    const directory = path.join(root, name);
    const { version, license } = JSON.parse(fs.readFileSync(path.join(directory, 'package.json'), 'utf8'));
    const file = fs.readdirSync(directory).find((one) => /^licen[cs]e/i.test(one));
    const text =
      file === undefined ? '' : `\n${fs.readFileSync(path.join(directory, file), 'utf8').trim()}\n`;
    return `${path.relative('node_modules', name)} ${version}: ${license}\n${text}`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

if (import.meta.main) await bundle();
