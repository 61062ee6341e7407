/** One case per known cgroup layout: paths in, identified roles out. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openNode } from '../../src/agent/source.ts';
import { readPodLogs } from '../../src/edges/pod-logs.ts';
import { resolveClaims } from '../../src/identify/claims.ts';
import { identify, Names } from '../../src/identify/names.ts';
import { roleOf } from '../../src/identify/role.ts';
import type { Skipped } from '../../src/model/cgroup.ts';
import type { CgroupRole } from '../../src/model/cgroup-role.ts';
import type { Identified, Observation } from '../../src/model/observation.ts';
import { printable } from '../../src/model/text.ts';
import { parseManifest } from '../../src/pods/manifest.ts';
import { podsOfLogs } from '../../src/pods/pod-logs.ts';
import { podsOf } from '../../src/pods/pods.ts';
import { sample } from '../../src/sample/host.ts';
import { matchesGolden } from '../golden.ts';
import { tempDir } from '../temp.ts';

const cases = new URL('../../fixtures/paths/', import.meta.url);
const inputs = ['paths.txt', 'root'];

const linesOf = (text: string): readonly string[] =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

const textOf = (file: URL): string | undefined =>
  fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined;

interface Seen {
  readonly wanted: readonly string[];
  readonly observations: readonly Observation[];
  readonly skipped: readonly Skipped[];
}

/** The observations for these paths and all their parents, as a walk of the tree yields them. */
function pathsSeen(text: string): Seen {
  const wanted = linesOf(text);
  const all = new Set(
    wanted.flatMap((one) => {
      const parts = one.split('/').filter((part) => part !== '');
      return parts.length === 0 ? ['/'] : parts.map((_, at) => `/${parts.slice(0, at + 1).join('/')}`);
    }),
  );
  const observed = [...all].map(
    (one, inode): Observation => ({
      role: roleOf(one),
      sample: { id: { path: one, inode }, version: 2, faults: [] },
    }),
  );
  const { observations, refused } = resolveClaims(observed);
  const skipped = observed.flatMap(({ role, sample: { id } }) =>
    role.kind === 'skip' ? [{ cgroup: id.path, why: role.why }] : [],
  );
  return { wanted, observations, skipped: [...skipped, ...refused] };
}

function treeSeen(root: string): Seen {
  const { host } = openNode({ root }, []);
  const { observations, skipped } = sample(host, true);
  host.close();
  return { wanted: observations.map(({ sample: { id } }) => id.path).toSorted(), observations, skipped };
}

/** Creates the files of `logs.txt`: paths below /var/log, with ` -> TARGET` for links. */
function layLogs(root: string, text: string): void {
  for (const line of linesOf(text)) {
    const [file = '', target] = line.split(' -> ');
    const role = path.join(root, 'var/log', file);
    fs.mkdirSync(path.dirname(role), { recursive: true });
    if (target === undefined) fs.writeFileSync(role, 'a log line\n');
    else fs.symlinkSync(target, role);
  }
}

function namesOf(test: TestContext, at: (file: string) => URL): Names {
  const pods = textOf(at('pods.yaml'));
  const logs = textOf(at('logs.txt'));
  const root = tempDir(test);
  if (logs !== undefined) layLogs(root, logs);
  const fromLogs = podsOfLogs(readPodLogs(root) ?? { pods: [], links: [] });
  if (pods === undefined) return new Names(fromLogs);
  const { pods: known, faults } = podsOf('pods.yaml', parseManifest('pods.yaml', pods));
  assert.deepEqual(faults, []);
  return new Names([...known, ...fromLogs]);
}

const short = (id: string): string => (/^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id);

function factsOf(
  role: CgroupRole,
  found: Identified | undefined,
): Readonly<Record<string, string | undefined>> {
  const { pod, container } = found ?? {};
  const named = { pod: pod && `${pod.namespace}/${pod.name}`, from: pod?.from };
  switch (role.kind) {
    case 'pod':
      return { ...named, uid: role.podUID, qos: pod?.qos ?? role.qos, node: role.inside };
    case 'container':
      return {
        ...named,
        container: container?.container?.name,
        type: container?.type ?? (role.sandbox ? 'sandbox' : 'unknown'),
        uid: role.podUID,
        id: short(role.id),
        runtime: role.runtime ?? container?.container?.runtime,
        node: role.inside,
      };
    case 'other':
      return { type: role.type, name: role.name };
    case 'skip':
      return { why: role.why };
    default:
      return {};
  }
}

function render({ wanted, observations, skipped }: Seen, names: Names): string {
  const identified = new Map(identify(observations, names).map((one) => [one.sample.id.path, one]));
  const whys = new Map(skipped.map(({ cgroup, why }) => [cgroup, why]));
  const blocks = wanted.map((one) => {
    const clean = `/${one
      .split('/')
      .filter((part) => part !== '')
      .join('/')}`;
    const found = identified.get(clean);
    const why = whys.get(clean);
    const role: CgroupRole = why === undefined ? (found?.role ?? roleOf(clean)) : { kind: 'skip', why };
    const facts = Object.entries(factsOf(role, found)).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}=${printable(value)}`],
    );
    return `${printable(one)}\n  ${[role.kind, ...facts].join(' ')}\n`;
  });
  const faults = names.faults.map((fault) => `not believed: ${printable(fault)}\n`);
  return [...blocks, ...faults].join('');
}

const directories = fs
  .readdirSync(cases, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .toSorted();

describe('the identified paths match the golden file of', () => {
  for (const name of directories)
    it(name, (test) => {
      const at = (file: string): URL => new URL(`${name}/${file}`, cases);
      assert.ok(
        inputs.some((input) => fs.existsSync(at(input))),
        `${name} has none of ${inputs.join(', ')}`,
      );
      const text = textOf(at('paths.txt'));
      const seen = text === undefined ? treeSeen(at('root').pathname) : pathsSeen(text);
      matchesGolden(at('expected.txt'), render(seen, namesOf(test, at)));
    });

  it('every case in the table of fixtures/paths/README.md, and no other', () => {
    const table = fs.readFileSync(new URL('README.md', cases), 'utf8');
    const listed = [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name);
    assert.deepEqual(listed.toSorted(), directories);
  });
});
