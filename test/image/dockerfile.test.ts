import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { lastStage } from '../cluster/images/dockerfile.ts';

describe('the last stage of a Dockerfile', () => {
  it('is parsed with comments, continued lines and quotes', () => {
    const stage = lastStage(`
FROM one AS build
COPY what is not ours
RUN anything
# a comment
FROM two
LABEL a="b" \\
  # in the middle
  c="d"
ENV A=1 B="two words"
COPY --from=build /src/dist /there
COPY LICENSE /LICENSE
USER 7:8
ENTRYPOINT ["/a", "--b"]
cmd ["c"]
`);
    assert.deepEqual(stage, {
      entrypoint: ['/a', '--b'],
      command: ['c'],
      user: '7:8',
      env: { A: '1', B: 'two words' },
      copies: [
        { stage: 'build', from: '/src/dist', to: '/there' },
        { stage: undefined, from: 'LICENSE', to: '/LICENSE' },
      ],
    });
  });

  for (const line of ['RUN x', 'WORKDIR /', 'COPY --chmod=1 a b', 'COPY a b c', 'CMD a shell', 'ADD a b'])
    it(`is refused with ${line}`, () => {
      assert.throws(() => lastStage(`FROM one\n${line}`), /Dockerfile: /);
    });
});

it("realmem's image runs the agent as user 65532 with a limited heap", () => {
  const text = fs.readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
  const { entrypoint, command, user, env } = lastStage(text);
  assert.deepEqual(command, ['agent']);
  assert.equal(user, '65532:65532');
  assert.match(
    entrypoint.join(' '),
    /^\/\S+\/node --max-semi-space-size=1 --max-old-space-size=\d+ (?:--[-a-z0-9]+(?:=\d+)? )*\/realmem\//,
  );
  // Node refuses to start with a flag that its V8 does not know.
  const started = spawnSync(process.execPath, [...entrypoint.slice(1, -1), '--eval', ''], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  assert.deepEqual([started.status, started.stderr], [0, '']);
});
