/** The plugins for k9s: what its schema wants, and whether our commands accept their arguments. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { parseFlags } from '../../src/cli/flags.ts';
import { allCommands } from '../../src/cli/main.ts';

interface Plugin {
  readonly shortCut: string;
  readonly scopes: readonly string[];
  readonly command: string;
  readonly args: readonly string[];
}

const text = fs.readFileSync(new URL('../../docs/k9s/realmem.yaml', import.meta.url), 'utf8');
const { plugins } = parse(text) as { readonly plugins: Readonly<Record<string, Plugin>> };

/** Variables that k9s sets for every resource, and those for the containers of a pod. */
const variables = { NAMESPACE: 'shop', NAME: 'cart', CONTEXT: 'a b; $(id)' };
const ofContainers = { ...variables, POD: 'cart-1' };

/** As k9s replaces variables. It runs nothing if it does not know one. */
const replaced = (arg: string, known: Readonly<Record<string, string>>): string =>
  arg.replace(/\$(!?[\w|-]+)/g, (whole, name: string) => {
    assert.ok(Object.hasOwn(known, name), `k9s does not know ${whole}`);
    return known[name] ?? '';
  });

describe('docs/k9s/realmem.yaml', () => {
  it('has what the schema of k9s requires, and nothing else', () => {
    assert.ok(Object.keys(plugins).length > 0);
    for (const plugin of Object.values(plugins)) {
      const keys = ['shortCut', 'description', 'scopes', 'command', 'background', 'args'];
      assert.deepEqual(Object.keys(plugin), keys);
    }
  });

  it('uses each key once in a view', () => {
    const keys = Object.values(plugins).flatMap(({ shortCut, scopes }) =>
      scopes.map((scope) => `${scope} ${shortCut}`),
    );
    assert.equal(new Set(keys).size, keys.length);
  });

  for (const [name, { command, args, scopes }] of Object.entries(plugins))
    it(`${name} runs a command of ours with flags that it has, and no code in a name`, async () => {
      const known = scopes.includes('containers') ? ofContainers : variables;
      const given = args.map((arg) => replaced(arg, known));
      // Our command prints its arguments instead. The shell and its pipe stay.
      const stub = 'kubectl() { printf "%s\\n" "$@"; }; less() { cat; }; ';
      const [option = '', script = '', ...others] = given;
      const printed = execFileSync(command, [option, stub + script, ...others], { encoding: 'utf8' });
      const [plugin, called = '', ...words] = printed.trimEnd().split('\n');
      assert.equal(plugin, 'realmem');
      const ours = (await allCommands()).find((one) => one.name === called);
      assert.ok(ours, called);
      const { values, positionals } = parseFlags(ours.flags, words, 2);
      assert.equal(values['context'], variables.CONTEXT);
      assert.ok([...positionals, values['namespace']].some((word) => word?.includes('cart')));
    });
});
