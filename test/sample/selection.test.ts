import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openNode } from '../../src/agent/source.ts';
import { tick } from '../../src/agent/tick.ts';
import { openRecording } from '../../src/recording/recording.ts';
import { type Sampled, sample } from '../../src/sample/host.ts';
import { Selection } from '../../src/sample/selection.ts';
import { recordOnce } from '../recording/record-once.ts';
import { lay, tempDir } from '../temp.ts';

const id = (number: number): string => number.toString(16).padStart(64, '0');
const hierarchy = 'sys/fs/cgroup';

/** Path of each cgroup → its usage. */
type Usages = Readonly<Record<string, number>>;

function layAll(root: string, usages: Usages): void {
  for (const [cgroup, usage] of Object.entries(usages)) {
    const stat = 'active_file 1\ninactive_file 1\n';
    lay(root, {
      [`${hierarchy}${cgroup}/memory.current`]: `${usage}\n`,
      [`${hierarchy}${cgroup}/memory.stat`]: stat,
    });
  }
}

const many = (count: number, name: (number: number) => string, usage = (number: number) => number): Usages =>
  Object.fromEntries(Array.from({ length: count }, (_, number) => [name(number), usage(number)]));

const service = (number: number): string => `/system.slice/s${number}.service`;

function opened(test: TestContext, usages: Usages, visitsPerPass?: number) {
  const root = tempDir(test);
  lay(root, { [`${hierarchy}/cgroup.controllers`]: 'memory\n' });
  layAll(root, usages);
  const node = openNode({ root }, []);
  const { host } = node;
  test.after(() => host.close());
  const selection = new Selection(visitsPerPass);
  return {
    ...{ root, node, add: (more: Usages) => layAll(root, more) },
    // Brief: the choice does not depend on the details, which take most of the time.
    pass: (): Sampled => sample(host, false, selection),
  };
}

const pathsOf = ({ observations }: Sampled): readonly string[] =>
  observations.map(({ sample: { id } }) => id.path);

describe('on a host with too many cgroups', () => {
  const services = many(600, service);
  const slice = { '/system.slice': 200_000 };

  it('a pass reads the largest, and counts and sums the others', (test) => {
    const found = opened(test, { ...slice, ...services }).pass();
    const paths = pathsOf(found);
    assert.equal(paths.length, 500);
    assert.ok(
      paths.includes('/system.slice') && paths.includes(service(599)) && paths.includes(service(101)),
    );
    assert.equal(paths.includes(service(100)), false);
    assert.deepEqual(found.omitted, { count: 101, usageBytes: (100 * 101) / 2 });
  });

  it('a pass reads nothing below a cgroup that is left out, and counts nothing twice', (test) => {
    const below = { '/system.slice/s0.service/below': 0, '/system.slice/s7.service/below': 5 };
    const found = opened(test, { ...slice, ...services, ...below }).pass();
    assert.deepEqual(found.omitted, { count: 103, usageBytes: (100 * 101) / 2 });
  });

  it('a pass reads pods and containers of any size, with their parents', (test) => {
    const node = `/small.slice/docker-${id(0)}.scope`;
    const paths = pathsOf(
      opened(test, {
        ...{ ...slice, ...many(600, service, (number) => 1000 + number) },
        ...many(
          20,
          (number) => `/kubepods/pod${number}/${id(number)}`,
          () => 1,
        ),
        ...many(
          20,
          (number) => `/docker/${id(100 + number)}`,
          () => 1,
        ),
        [`${node}/kubepods/podx/${id(99)}`]: 1,
      }).pass(),
    );
    assert.equal(paths.filter((one) => /^\/kubepods\/pod\d+\/[0-9a-f]{64}$/.test(one)).length, 20);
    assert.equal(paths.filter((one) => one.startsWith('/docker/')).length, 20);
    assert.ok(paths.includes(`${node}/kubepods/podx/${id(99)}`));
  });

  it('a cgroup replaces another one only if it is much larger', (test) => {
    const { pass, add } = opened(test, { ...slice, ...many(600, service, (number) => 10_000 + number) });
    const first = pathsOf(pass());
    add({ [service(0)]: 11_000 });
    assert.deepEqual(pathsOf(pass()).toSorted(), first.toSorted());
    add({ [service(0)]: 50_000 });
    const last = pathsOf(pass());
    assert.ok(last.includes(service(0)));
    assert.equal(last.length, first.length);
  });

  it('a new container is read at once, a new service only by the next choice', (test) => {
    const { pass, add } = opened(test, { ...slice, ...services, [`/docker/${id(0)}`]: 1 }, 0);
    pass();
    add({ '/system.slice/new.service': 9_000, [`/docker/${id(1)}`]: 1, [`/kubepods/podx/${id(2)}`]: 1 });
    const paths = pathsOf(pass());
    assert.ok(paths.includes(`/docker/${id(1)}`) && paths.includes(`/kubepods/podx/${id(2)}`));
    assert.equal(paths.includes('/system.slice/new.service'), false);
  });

  it('each pass surveys a part, and the choice ends when all cgroups fit again', (test) => {
    const { root, pass, add } = opened(test, { ...slice, ...services }, 100);
    pass();
    add({ [service(0)]: 9_000 });
    let passes = 0;
    while (!pathsOf(pass()).includes(service(0))) passes++;
    assert.ok(passes >= 5 && passes <= 14, `${passes} passes`);
    for (let number = 100; number < 300; number++)
      fs.rmSync(path.join(root, hierarchy, service(number)), { recursive: true });
    let found = pass();
    for (let more = 0; more < 14 && found.omitted !== undefined; more++) found = pass();
    assert.equal(found.omitted, undefined);
    assert.equal(pathsOf(pass()).length, 401);
  });

  it('a pass that finds too many new cgroups reads the largest', (test) => {
    const { pass, add } = opened(test, { ...slice, ...many(10, service) }, 0);
    assert.equal(pass().omitted, undefined);
    add(
      many(
        2_000,
        (number) => `/system.slice/burst${number}.service`,
        (number) => number,
      ),
    );
    const found = pass();
    assert.equal(found.omitted?.count, 2_011 - 500);
    assert.ok(pathsOf(found).includes('/system.slice/burst1999.service'));
  });

  it('a report with only cgroups without figures left out has nothing missing', (test) => {
    const mounts = many(600, (number) => `/system.slice/m${number}.mount`);
    const found = opened(test, { ...slice, ...many(10, service), ...mounts }).pass();
    assert.equal(found.omitted, undefined);
    assert.deepEqual([found.observations.length, found.skipped.length], [11, 500]);
  });

  it('a report says how many cgroups are missing, and its recording gives the same report', async (test) => {
    const { node } = opened(test, { ...slice, ...services, '/system.slice/s3.service/below': 2 });
    const target = path.join(tempDir(test), 'recording');
    const made = await recordOnce(node, openRecording(target));
    const complete = made.conditions.find(({ type }) => type === 'Complete');
    assert.deepEqual([complete?.status, complete?.reason], ['False', 'TooMany']);
    assert.match(complete?.message ?? '', /102 with 4\.9Ki in total\. The limits are .* 500 services/);
    const replay = openNode({ root: target }, []);
    const { report } = await tick(replay, 0, true);
    replay.host.close();
    assert.deepEqual(report?.omitted, made.omitted);
    assert.deepEqual(report, made);
  });
});

it('a pass reads all cgroups of a host that just fits the limits', (test) => {
  const { pass } = opened(test, { '/system.slice': 9, ...many(499, service) });
  const found = pass();
  assert.equal(found.observations.length, 500);
  assert.equal(found.omitted, undefined);
});
