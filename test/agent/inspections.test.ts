import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { inspect } from '../../src/agent/inspection.ts';
import { type Inspection, inspectionOf, inspections } from '../../src/agent/inspections.ts';
import { tickOnce } from '../../src/agent/replay.ts';
import { openNode } from '../../src/agent/source.ts';
import { receivedExplanation, receivedPs } from '../../src/cluster/inspect.ts';
import { type HttpAnswer, plainText } from '../../src/http/listener.ts';
import { explain } from '../../src/inspect/explain.ts';
import { bytes } from '../../src/model/bytes.ts';

const rootOf = (host: string): string =>
  new URL(`../../fixtures/hosts/${host}/root`, import.meta.url).pathname;
const textOf = ({ body }: HttpAnswer): string => Buffer.from(body).toString();

describe('the path of an inspection', () => {
  it('names a pod or a container, percent-encoded', () => {
    assert.deepEqual(inspectionOf('/explain/shop/cart-1.json'), { kind: 'explain', target: 'shop/cart-1' });
    assert.deepEqual(inspectionOf('/ps/shop/a.b-1/c%20d.json'), { kind: 'ps', target: 'shop/a.b-1/c d' });
  });

  for (const other of [
    ...['/explain/shop.json', '/explain/a/b/c/d.json', '/explain//b.json', '/explain/a/.json', '/ps/a/b'],
    ...['/explain/a/b%2Fc.json', '/explain/%2Fsys/b.json', '/explain/a/%.json', '/top/a/b.json', '/'],
  ])
    it(`is not ${other}`, () => assert.equal(inspectionOf(other), undefined));
});

describe('inspections', () => {
  const path = '/explain/shop/cart-1.json';

  it('answer 503 with Retry-After during another one, and then for as long as it took', async () => {
    let at = 0;
    const { promise, resolve } = Promise.withResolvers<HttpAnswer>();
    const answers = inspections(
      () => promise,
      () => at,
    );
    const first = answers(path);
    const second = await answers(path);
    assert.deepEqual([second?.status, second?.headers?.['retry-after']], [503, '1']);
    at = 100;
    resolve(plainText(200, 'done'));
    assert.equal((await first)?.status, 200);
    at = 199;
    assert.equal((await answers(path))?.status, 503);
    at = 200;
    assert.equal((await answers(path))?.status, 200);
  });

  it('answer 500 with the reason, escaped, when one fails, and work afterwards', async () => {
    let fails = true;
    const answers = inspections(
      async () => {
        if (fails) throw new Error('no\u001b[2J');
        return plainText(200, 'done');
      },
      () => 0,
    );
    const failed = await answers(path);
    assert.ok(failed);
    assert.deepEqual([failed.status, textOf(failed)], [500, 'no\\u001b[2J\n']);
    fails = false;
    assert.equal((await answers(path))?.status, 200);
    assert.equal(answers('/healthz'), undefined);
  });
});

describe('an inspection', () => {
  const root = rootOf('kubernetes-v1');
  const asked = (kind: Inspection['kind'], target: string, from = root): HttpAnswer => {
    const node = openNode({ root: from }, []);
    try {
      return inspect(node, from, { kind, target }, 0);
    } finally {
      node.host.close();
    }
  };

  it('has the explanation of the container as JSON, which the CLI reads back unchanged', async () => {
    const node = openNode({ root }, []);
    // The agent has seen the container before.
    await tickOnce(node, 0);
    const answer = inspect(node, root, { kind: 'explain', target: 'data/postgres-0' }, 0);
    assert.equal(answer.status, 200);
    const expected = JSON.parse(JSON.stringify(explain(node, root, { target: 'data/postgres-0' }, 0)));
    node.host.close();
    assert.deepEqual(receivedExplanation(JSON.parse(textOf(answer))), expected);
  });

  it('has the processes of the container as JSON, which the CLI reads back', () => {
    const from = rootOf('docker-v1');
    const node = openNode({ root: from }, []);
    const answer = inspect(node, from, { kind: 'ps', target: '7c1e' }, 0);
    node.host.close();
    const ps = receivedPs(JSON.parse(textOf(answer)));
    assert.ok(ps?.processes.processes.some(({ pid, command }) => pid === 7665 && command === 'server'));
  });

  it('answers 404 with names like that of an unknown pod', () => {
    const answer = asked('explain', 'data/postgres-9');
    assert.equal(answer.status, 404);
    assert.match(textOf(answer), /^data\/postgres-9: expected .*, got none; did you mean .*data\/postgres-0/);
  });

  it('answers 403 with what to do when there are no processes to see', () => {
    const answer = asked('ps', 'data/postgres-0');
    assert.equal(answer.status, 403);
    assert.match(textOf(answer), /got a recording without processes$/m);
  });

  it('has the peak that the agent remembers, not only the figure of now', (test) => {
    const node = openNode({ root }, []);
    test.mock.method(node.history, 'peakOf', () => bytes(987_654_321));
    const answer = inspect(node, root, { kind: 'explain', target: 'data/postgres-0' }, 0);
    node.host.close();
    assert.equal(receivedExplanation(JSON.parse(textOf(answer)))?.usage.peakRealBytes, 987_654_321);
  });

  it('leaves the history of the agent as it was', () => {
    const node = openNode({ root }, []);
    const kept = (): string => {
      const { lifetimes, aggregates } = node.history.kept();
      return JSON.stringify([lifetimes, [...aggregates].map(({ key }) => key)]);
    };
    const before = kept();
    inspect(node, root, { kind: 'explain', target: 'data/postgres-0' }, 1_000);
    assert.equal(kept(), before);
    node.host.close();
  });
});

it('the agent loads no code of inspections before the first one', () => {
  const src = new URL('../../src/', import.meta.url).pathname;
  const seen = new Set<string>();
  const follow = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const text = fs.readFileSync(path.join(src, file), 'utf8');
    for (const [, to = ''] of text.matchAll(/^(?:import|export)\b(?! type)[^;]*?\bfrom '(\.[^']+)'/gm))
      follow(path.posix.join(path.posix.dirname(file), to));
  };
  follow('cli/agent.ts');
  assert.ok(seen.has('agent/inspections.ts'));
  assert.deepEqual(
    [...seen].filter((file) => file.startsWith('inspect/') || file === 'agent/inspection.ts'),
    [],
  );
});
