/** The README shows the table of a cluster as the command prints it on a terminal of 80 columns. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { it } from 'node:test';
import { main } from '../../src/cli/main.ts';
import type { Io } from '../../src/edges/process.ts';
import { widthOf } from '../../src/layout/width.ts';
import { serveShop } from '../cli/top/shop.ts';

const readme = new URL('../../README.md', import.meta.url);

it('the README shows what kubectl realmem top prints, in lines that no terminal wraps', async (test) => {
  const text = fs.readFileSync(readme, 'utf8');
  const [, command = '', shown = ''] = /^\$ kubectl realmem (top [^\n]*)\n([\s\S]*?)^```$/m.exec(text) ?? [];
  const { kubeconfig } = await serveShop(test);
  let printed = '';
  const io: Partial<Io> = {
    args: command.split(' '),
    isPlugin: true,
    env: { KUBECONFIG: kubeconfig },
    output: {
      isTerminal: false,
      lines: undefined,
      columns: 80,
      write: async (part) => {
        printed += part;
      },
    },
    say: (line) => assert.fail(line),
    progress: () => {},
  };
  assert.equal(await main(io as Io), 0);
  for (const line of printed.split('\n')) assert.ok(widthOf(line) <= 80, line);
  if (process.env['UPDATE_GOLDENS'] === '1')
    fs.writeFileSync(
      readme,
      text.replace(`${command}\n${shown}`, () => `${command}\n${printed}`),
    );
  else assert.equal(shown, printed);
});
