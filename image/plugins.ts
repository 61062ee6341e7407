/** Plugins of esbuild that keep out of the bundle, or out of memory, what realmem does not use. */
import fs from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import path from 'node:path';
import type { Plugin } from 'esbuild';
import { templateFile } from '../src/page/document.ts';

const root = path.resolve(import.meta.dirname, '..');
const require = createRequire(import.meta.url);

/**
 * Bundles only the part of the Kubernetes library that reads a kubeconfig and finds credentials. The whole library, with a model
 * for each kind of Kubernetes and a second HTTP client, would add 50 MB to the agent's memory.
 */
export const kubeconfigOnly: Plugin = {
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
export const pageInside: Plugin = {
  name: 'page inside',
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/page\/template\.ts$/ }, () => {
      const text = fs.readFileSync(path.join(root, 'src/page', templateFile), 'utf8');
      return { contents: `export const pageTemplate = () => ${JSON.stringify(text)};` };
    });
  },
};

/** Packages and modules of Node's that most runs of the agent never use. The bundle loads one when it is first used. */
const seldomUsed: ReadonlySet<string> = new Set(['yaml', 'child_process', 'readline', 'tty', 'v8']);

/** A module that loads another one when one of its exports is read. @param load an expression that loads it */
const onFirstUse = (load: string, exports: readonly string[]): string =>
  [
    `const load = () => ${load};`,
    'module.exports = {',
    '__esModule: true,',
    'get default() { return load(); },',
    ...exports.map((name) => `get ${name}() { return load().${name}; },`),
    '};',
  ].join('\n');

/** A module with the exports of one of Node's. esbuild leaves out what nobody imports. */
const withoutReading = (load: string, exports: readonly string[]): string =>
  [
    `const $module = ${load};`,
    'const $read = (name) => $module[name];',
    'export default $module;',
    ...exports.map((name) => `export const ${name} = /* @__PURE__ */ $read('${name}');`),
  ].join('\n');

const exportsOf = (name: string): readonly string[] =>
  Object.keys(require(name)).filter((one) => /^[A-Za-z_$][\w$]*$/.test(one) && one !== 'default');

/**
 * Takes Node's own modules from `process.getBuiltinModule`. An `import` of one would read each of its exports, and Node loads
 * some only when they are read: `http.WebSocket` loads a second HTTP client, `tls.rootCertificates` every root certificate.
 */
export const loadLittle: Plugin = {
  name: 'load little',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:node:)?[a-z_0-9/]+$/ }, ({ path: given, kind }) => {
      const name = given.replace(/^node:/, '');
      if (kind !== 'import-statement') return undefined;
      if (builtinModules.includes(name)) return { path: name, namespace: 'builtin', sideEffects: false };
      return seldomUsed.has(name) ? { path: name, namespace: 'package', sideEffects: false } : undefined;
    });
    onLoad({ filter: /./, namespace: 'builtin' }, ({ path: name }) => ({
      contents: (seldomUsed.has(name) ? onFirstUse : withoutReading)(
        `process.getBuiltinModule('node:${name}')`,
        exportsOf(name),
      ),
    }));
    onLoad({ filter: /./, namespace: 'package' }, ({ path: name }) => ({
      contents: onFirstUse(`require('${name}')`, exportsOf(name)),
      resolveDir: root,
    }));
  },
};

/** Leaves out the parts of pino that write to files and threads. The agent writes its log itself (src/edges/log.ts). */
export const pinoOnly: Plugin = {
  name: 'pino only',
  setup({ onResolve, onLoad }) {
    onResolve(
      { filter: /^(?:sonic-boom|on-exit-leak-free|worker_threads|\.\/(?:lib\/)?(?:transport|multistream))$/ },
      ({ importer, path: name }) =>
        importer.includes('/node_modules/pino/') ? { path: name, namespace: 'not of pino' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'not of pino' }, () => ({
      contents: 'module.exports = class { static isMainThread = true; };',
    }));
  },
};
