/**
 * `npm run bundle`: all of realmem and of the packages that it uses as a few files in `dist/`, which the image and the
 * npm package run. The same sources make the same bytes.
 */
import fs from 'node:fs';
import path from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');

export const bundleDirectory = path.join(root, 'dist');

/**
 * Of the Kubernetes library realmem uses how it reads a kubeconfig and finds credentials. All of it, with a model for
 * each kind that Kubernetes has and a second HTTP client, would be 50 MB of the agent's memory.
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
    // What makes requests of its own.
    onResolve({ filter: /^undici$|\/gen\/(index|rxjsStub)\.js$/ }, ({ importer }) =>
      importer.startsWith(library) ? { path: 'nothing', namespace: 'part' } : undefined,
    );
    onLoad({ filter: /^nothing$/, namespace: 'part' }, () => ({ contents: 'module.exports = {};' }));
  },
};

export async function bundle(outdir = bundleDirectory): Promise<void> {
  fs.rmSync(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { realmem: 'src/cli.ts' },
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // Commands and the Kubernetes library stay files of their own, read when they are needed.
    splitting: true,
    format: 'esm',
    platform: 'node',
    // What Node has read it keeps. Lines, so that an error does not print the whole file.
    minifyWhitespace: true,
    lineLimit: 200,
    target: 'node22',
    legalComments: 'none',
    // For packages that are CommonJS.
    banner: {
      js: `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);`,
    },
    plugins: [kubeconfigOnly],
    metafile: true,
    logLevel: 'warning',
  });
  fs.writeFileSync(path.join(outdir, 'THIRD-PARTY-LICENSES'), licenses(metafile));
}

/** Of each package that is part of the bundle. */
function licenses({ inputs }: Metafile): string {
  const packages = Object.keys(inputs).flatMap(
    (file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [],
  );
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
