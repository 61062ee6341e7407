#!/usr/bin/env node
/**
 * Starts the sources in a clone, and the bundle in a package. Any Node since 12.20 must be able to parse this file, to say which
 * Node realmem needs: no newer syntax, no top-level await.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

/** As in `engines` of package.json. */
const needed = [22, 19];

const here = (file) => new URL(file, import.meta.url);
const isClone = fs.existsSync(here('../src/cli.ts'));

/** The Node that `npm run setup` installs into a clone. */
const ownNode = fileURLToPath(here('../node_modules/.bin/node'));

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > needed[0] || (major === needed[0] && minor >= needed[1]);
}

/** Runs this command again with another Node, under the same name: kubectl's plugins refer to the cluster. */
function runWith(node) {
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' });
  // A terminal sends its signals to both processes, and this one must outlive the other. SIGTERM comes to this one alone.
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGQUIT']) process.on(signal, () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', (error) => fail(`cannot start ${node}: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(signal === null ? code : 128 + constants.signals[signal]));
}

function fail(text) {
  process.stderr.write(`error: ${text}\n`);
  process.exit(2);
}

if (isNewEnough(process.versions.node))
  import(isClone ? here('../src/cli.ts').href : '../dist/realmem.mjs').catch((error) => {
    // Throwing here prints the error as for a failed static import.
    process.nextTick(() => {
      throw error;
    });
  });
else if (isClone && fs.existsSync(ownNode) && fs.realpathSync(ownNode) !== fs.realpathSync(process.execPath))
  runWith(ownNode);
else {
  const other = isClone
    ? `run "npm run setup" in ${fileURLToPath(here('..'))}, which installs one`
    : 'install one';
  fail(
    `realmem needs Node ${needed.join('.')} or newer, and ${process.execPath} is ${process.version}: ${other}`,
  );
}
