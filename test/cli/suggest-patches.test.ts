/** `realmem suggest -o patch` for what people really run: nothing is printed that the API refuses. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { matchesGolden } from '../golden.ts';
import { tempDir } from '../temp.ts';
import { run } from './run.ts';

const fixtures = new URL('../../fixtures/patches/', import.meta.url).pathname;

async function suggest(name: string, ...flags: readonly string[]): Promise<string> {
  // What was watched for ten seconds is asked for.
  const args = ['suggest', '--history', `${fixtures}${name}`, '--min-confidence', 'low', ...flags];
  const { code, stdout, stderr } = await run(args);
  assert.deepEqual([code, stderr], [0, '']);
  return stdout;
}

const pods = (name: string): readonly string[] => ['--pods', `${fixtures}${name}/pods.json`];
/** Without the reasons, which other goldens have. */
const withoutReasons = (text: string): string => text.replaceAll(/^# .*that is the request.*\n/gm, '');

describe('suggest -o patch', () => {
  it('is what a person can apply, with and without the pods, of owners and in place', async () => {
    const parts: string[] = [];
    for (const name of ['injected-sidecar', 'in-place', 'whole-pod', 'autoscaled'])
      for (const flags of [[], pods(name), ['--in-place', ...pods(name)]]) {
        const said = flags.map((flag) => flag.replace(fixtures, '')).join(' ');
        const text = withoutReasons(await suggest(name, '-o', 'patch', ...flags));
        parts.push(`## ${name} ${said}`.trimEnd(), text);
      }
    matchesGolden(new URL('goldens/suggest-patches.sh', import.meta.url), parts.join('\n'));
  });

  it('never patches a container that a webhook puts in', async () => {
    const text = await suggest('injected-sidecar', '-o', 'patch');
    assert.doesNotMatch(text, /^kubectl.*istio-proxy/m);
    assert.match(text, /^# istio-proxy: .*sidecar\.istio\.io\/proxyMemory: "197Mi"/m);
  });

  it('takes pods in an array, and one after the other, as in a list', async (test) => {
    const { items } = JSON.parse(fs.readFileSync(`${fixtures}in-place/pods.json`, 'utf8')) as {
      readonly items: readonly unknown[];
    };
    const file = path.join(tempDir(test), 'pods.json');
    const flags = ['-o', 'patch', '--in-place', '--pods'];
    const listed = await suggest('in-place', ...flags, `${fixtures}in-place/pods.json`);
    for (const text of [JSON.stringify(items), items.map((pod) => JSON.stringify(pod)).join('\n')]) {
      fs.writeFileSync(file, text);
      assert.equal(await suggest('in-place', ...flags, file), listed);
    }
  });

  it('knows from the pods what they have as a whole, which an older history does not', async () => {
    const table = await suggest('whole-pod', ...pods('whole-pod'));
    assert.match(table, /\(whole pod\) +1 +400Mi → 441Mi +512Mi → 582Mi/);
    assert.match(table, /^REQUESTS 400Mi/m);
  });

  it('says once what may speak against it and is not known', async () => {
    for (const flags of [[], ['-o', 'patch']]) {
      const text = await suggest('autoscaled', ...flags);
      assert.equal(text.match(/kubectl get hpa,limitrange,quota -n shop/g)?.length, 1);
    }
  });
});
