/**
 * With `--import`: loads only the part of the Kubernetes library that reads a kubeconfig, as the bundle does (image/bundle.ts). The
 * whole library takes longer to load than most test files take to run.
 */
import { registerHooks } from 'node:module';

const inLibrary = (file: string): string =>
  new URL(`../node_modules/@kubernetes/client-node/dist/${file}`, import.meta.url).href;

/** What these modules contain instead. `undefined` stands for code that only makes requests. */
const replaced: Readonly<Record<string, string>> = {
  [inLibrary('index.js')]:
    `export { KubeConfig } from './config.js'; export { load as loadYaml } from 'js-yaml';`,
  [inLibrary('gen/index.js')]:
    'export const createConfiguration = undefined, ServerConfiguration = undefined;',
  [inLibrary('gen/rxjsStub.js')]: 'export const of = undefined;',
  [inLibrary('../../../undici/index.js')]: 'export const Agent = undefined, ProxyAgent = undefined;',
};

registerHooks({
  load(url, context, next) {
    const source = replaced[url];
    return source === undefined ? next(url, context) : { format: 'module', source, shortCircuit: true };
  },
});
