/** Checks each command of the documents without running it: commands, flags, scripts, chart values and files that do not exist. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { parseFlags } from '../../src/cli/flags.ts';
import { allCommands } from '../../src/cli/main.ts';
import { params } from '../chart/generate.ts';
import { type Schema, schemaOf } from '../chart/schema.ts';
import { blocksOf, documents, isRun, ownArguments, root, stepsOf, wordsOf } from './blocks.ts';

const read = (file: string): string => fs.readFileSync(new URL(file, root), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };
const commands = new Map((await allCommands()).map((one) => [one.name, one]));
const values = schemaOf(params());

/** In text, only complete commands count: `…` stands for something. */
const inText = (document: string): readonly string[] =>
  [...read(document).matchAll(/(?<!`)`((?:npx |kubectl )?realmem [a-z][^`\n…]*)`(?!`)/g)].map(
    ([, command = '']) => command,
  );

/** A pipe or a redirection ends the words of a command. */
const beforePipe = (command: string): readonly string[] =>
  wordsOf(command.split(/ [|>] | > /)[0]?.replaceAll(/[$(){}~]/g, '') ?? '') ?? [];

for (const document of documents) {
  const typed = blocksOf(document)
    .filter(isRun)
    .flatMap(stepsOf)
    .map(({ command }) => command);
  const all = [...typed, ...inText(document)];
  if (all.length === 0) continue;
  describe(document, () => {
    it('has only commands and flags that realmem has', () => {
      for (const command of all) {
        const own = ownArguments(beforePipe(command));
        const [name = '', ...args] = own?.args ?? [];
        if (own === undefined || name.startsWith('-') || args.includes('--help')) continue;
        const known = commands.get(name);
        assert.ok(known, `${command}: realmem has no command ${name}`);
        assert.doesNotThrow(() => parseFlags(known.flags, args, 2), command);
      }
    });

    it('calls only npm scripts that package.json has', () => {
      for (const command of all)
        for (const [, name = ''] of command.matchAll(/\bnpm run ([\w:]+)/g))
          assert.ok(scripts[name] !== undefined, `${command}: no script ${name}`);
    });

    it('sets only values that the chart has', () => {
      for (const command of all)
        for (const [, key = ''] of command.matchAll(/--set(?:-string)? ([\w.]+)=/g))
          assert.ok(hasValue(key), `${command}: the chart has no value ${key}`);
    });

    it('names only files of the clone that exist', () => {
      for (const command of typed)
        for (const [file] of command.matchAll(
          /(?<![\w/.$-])(?:charts|docs|fixtures|manifests|test)\/[\w./-]+/g,
        ))
          assert.ok(fs.existsSync(new URL(file, root)), `${command}: no file ${file}`);
    });
  });
}

function hasValue(key: string): boolean {
  let found: Schema | undefined = values;
  for (const name of key.split('.')) found = found?.properties?.[name];
  return found !== undefined;
}
