/** `realmem suggest -o patch` for typical workloads: it prints no command that the API server refuses. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { matchesGolden } from '../../golden.ts';
import { tempDir } from '../../temp.ts';
import { run } from '../run.ts';

const fixtures = new URL('../../../fixtures/patches/', import.meta.url).pathname;

async function suggest(name: string, ...flags: readonly string[]): Promise<string> {
  // The fixtures hold ten seconds of history.
  const args = ['suggest', '--history', `${fixtures}${name}`, '--min-confidence', 'low', ...flags];
  const { code, stdout, stderr } = await run(args);
  assert.deepEqual([code, stderr], [0, '']);
  return stdout;
}

const pods = (name: string): readonly string[] => ['--pods', `${fixtures}${name}/pods.json`];
/** Removes the reasons, which other goldens cover. */
const withoutReasons = (text: string): string => text.replaceAll(/^# .*p95 of the 5-minute peaks.*\n/gm, '');

describe('suggest -o patch', () => {
  it('prints commands or explains why not, for owners and in place, with and without --pods', async () => {
    const parts: string[] = [];
    for (const name of ['injected-sidecar', 'in-place', 'whole-pod', 'autoscaled'])
      for (const flags of [[], pods(name), ['--in-place', ...pods(name)]]) {
        const said = flags.map((flag) => flag.replace(fixtures, '')).join(' ');
        const text = withoutReasons(await suggest(name, '-o', 'patch', ...flags));
        parts.push(`## ${name} ${said}`.trimEnd(), text);
      }
    matchesGolden(new URL('goldens/suggest-patches.sh', import.meta.url), parts.join('\n'));
  });

  it('never patches a container that a webhook injects, and names the annotation to set instead', async () => {
    const text = await suggest('injected-sidecar', '-o', 'patch');
    assert.doesNotMatch(text, /^kubectl.*istio-proxy/m);
    assert.match(text, /^# istio-proxy: .*sidecar\.istio\.io\/proxyMemory: "197Mi"/m);
  });

  it('reads --pods as a List, as a JSON array and as concatenated objects with the same result', async (test) => {
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

  it('takes pod-level resources from --pods when an older history does not have them', async () => {
    const table = await suggest('whole-pod', ...pods('whole-pod'));
    assert.match(table, /\(whole pod\) +1 +400Mi → 441Mi +512Mi → 582Mi/);
    assert.match(table, /^REQUESTS 400Mi/m);
  });

  it('warns once about HPAs, LimitRanges and quotas, which realmem does not see', async () => {
    for (const flags of [[], ['-o', 'patch']]) {
      const text = await suggest('autoscaled', ...flags);
      assert.equal(text.match(/kubectl get hpa,limitrange,quota -n shop/g)?.length, 1);
    }
  });
});
