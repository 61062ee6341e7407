/**
 * `npm run bundle` bundles realmem and the packages that it uses into a few files in `dist/`, for the image and the npm package.
 * The same sources give the same bytes.
 */
import fs from 'node:fs';
import path from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import { templateFile } from '../src/page/document.ts';

const root = path.resolve(import.meta.dirname, '..');

export const bundleDirectory = path.join(root, 'dist');

/**
 * Bundles only the part of the Kubernetes library that reads a kubeconfig and finds credentials. The whole library, with a model
 * for each kind of Kubernetes and a second HTTP client, would add 50 MB to the agent's memory.
 */
const kubeconfigOnly: Plugin = {
  name: 'kubeconfig only',
  setup({ onResolve, onLoad }) {
    const library = path.join(root, 'node_modules/@kubernetes/client-node');
    onResolve({ filter: /^@kubernetes\/client-node$/ }, () => ({ path: 'kubeconfig', namespace: 'part' }));
    onLoad({ filter: /^kubeconfig$/, namespace: 'part' }, () => ({
      contents: `export { KubeConfig } from './dist/config.js'; export { load as loadYaml } from 'js-yaml';`,
      resolveDir: library,
    }));
    // Replaces the parts that make requests themselves by an empty module.
    onResolve({ filter: /^undici$|\/gen\/(index|rxjsStub)\.js$/ }, ({ importer }) =>
      importer.startsWith(library) ? { path: 'nothing', namespace: 'part' } : undefined,
    );
    onLoad({ filter: /^nothing$/, namespace: 'part' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/** Puts the text of the page's template into the bundle. Only what serves or writes the page loads that part. */
const pageInside: Plugin = {
  name: 'page inside',
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/page\/template\.ts$/ }, () => {
      const text = fs.readFileSync(path.join(root, 'src/page', templateFile), 'utf8');
      return { contents: `export const pageTemplate = () => ${JSON.stringify(text)};` };
    });
  },
};

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
      js: `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);`,
    },
    plugins: [kubeconfigOnly, pageInside],
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
