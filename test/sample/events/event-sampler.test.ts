/** Samples at memory events, in a tree of plain files. test/cluster/kills tests them with a kernel's. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { roleOf } from '../../../src/identify/role.ts';
import type { CgroupRole } from '../../../src/model/cgroup-role.ts';
import type { Observation } from '../../../src/model/observation.ts';
import { EventSampler } from '../../../src/sample/events/event-sampler.ts';
import type { Killed } from '../../../src/sample/events/killed-and-gone.ts';
import { lay, tempDir } from '../../temp.ts';

const pod = '/kubepods/burstable/pod11111111-2222-3333-4444-555555555555';
const idOf = (digit: string): string => digit.repeat(64);
const [web, proxy] = [`${pod}/${idOf('a')}`, `${pod}/${idOf('b')}`];

const eventsText = (kills: number, max: number): string =>
  `low 0\nhigh 0\nmax ${max}\noom ${kills}\noom_kill ${kills}\noom_group_kill 0\n`;

interface Seen {
  readonly observations: readonly Observation[];
  readonly killed: readonly Killed[];
}

function sampler(test: TestContext) {
  const directory = tempDir(test);
  const events = new EventSampler({ directory, root: '/', live: false });
  let next = Promise.withResolvers<Seen>();
  const all: Seen[] = [];
  events.start({
    onEvents(observations, killed) {
      all.push({ observations, killed });
      next.resolve({ observations, killed });
      next = Promise.withResolvers();
    },
    onFailure: (message) => assert.fail(message),
  });
  test.after(() => events.close());
  const write = (cgroup: string, usage: number, kills = 0, max = 0): void =>
    lay(path.join(directory, cgroup), {
      'memory.current': `${usage}\n`,
      'memory.stat': `anon ${usage}\nactive_file 0\ninactive_file 0\n`,
      'memory.max': '100\n',
      'memory.peak': '99\n',
      'memory.events': eventsText(kills, max),
    });
  /** As a pass with a report sees a cgroup. */
  const observed = (cgroup: string, oomKills = 0): Observation => {
    const { ino: inode } = fs.statSync(path.join(directory, cgroup));
    return {
      role: roleOf(cgroup),
      sample: { id: { path: cgroup, inode }, version: 2, details: { oomKills }, faults: [] },
    };
  };
  const remove = (cgroup: string): void => fs.rmSync(path.join(directory, cgroup), { recursive: true });
  return { events, write, observed, remove, all, next: () => next.promise };
}

const pathsOf = (observations: readonly Observation[]): readonly string[] =>
  observations.map(({ sample }) => sample.id.path);

describe('samples at memory events', () => {
  it('hold the usage of the container at its limit, and of its pod', async (test) => {
    const { events, write, observed, next } = sampler(test);
    for (const cgroup of [pod, web]) write(cgroup, 50);
    events.follow([pod, web].map((cgroup) => observed(cgroup)));
    const seen = next();
    write(web, 100, 0, 1);
    write(pod, 101, 0, 1);
    const { observations, killed } = await seen;
    assert.deepEqual(
      observations.map(({ role, sample }) => [role.kind, sample.usage, sample.details]),
      [
        ['container', 100, undefined],
        ['pod', 101, undefined],
      ],
    );
    assert.deepEqual(killed, []);
  });

  it('follow one watch per pod, which covers its containers, even those that no pass has seen', async (test) => {
    const { events, write, observed, next } = sampler(test);
    for (const cgroup of [pod, web, proxy]) write(cgroup, 50);
    events.follow([pod, web].map((cgroup) => observed(cgroup)));
    assert.equal(events.size, 1);
    const seen = next();
    write(proxy, 90, 1, 1);
    write(pod, 140, 1, 1);
    const { observations, killed } = await seen;
    assert.ok(pathsOf(observations).includes(proxy));
    assert.deepEqual(
      killed.map(({ observation, kills, before }) => [observation.sample.id.path, kills, before]),
      [[proxy, 1, 0]],
    );
  });

  it('of a kill have the details of a report', async (test) => {
    const { events, write, observed, next } = sampler(test);
    for (const cgroup of [pod, web]) write(cgroup, 50);
    events.follow([pod, web].map((cgroup) => observed(cgroup)));
    const seen = next();
    write(web, 100, 1, 3);
    write(pod, 101, 1, 3);
    const [kill] = (await seen).killed;
    const { limit, peak, oomKills } = kill?.observation.sample.details ?? {};
    assert.deepEqual([limit, peak, oomKills], [100, 99, 1]);
  });

  it('of a kill whose container is already gone are of the pod', async (test) => {
    const { events, write, observed, remove, next } = sampler(test);
    for (const cgroup of [pod, web]) write(cgroup, 50);
    events.follow([pod, web].map((cgroup) => observed(cgroup)));
    const seen = next();
    remove(web);
    write(pod, 10, 1, 1);
    assert.deepEqual(
      (await seen).killed.map(({ observation, kills, before }) => [observation.role.kind, kills, before]),
      [['pod', 1, 0]],
    );
    // The report has the pod's own counter.
    assert.deepEqual(events.killed.missingFrom([]), []);
  });

  it('do not count the kills that the last report has counted', async (test) => {
    const { events, write, observed, next } = sampler(test);
    for (const cgroup of [pod, web]) write(cgroup, 50, 2, 2);
    events.follow([observed(pod, 2), observed(web, 2)]);
    const first = next();
    write(web, 100, 2, 3);
    write(pod, 101, 2, 3);
    assert.deepEqual((await first).killed, []);
    const second = next();
    write(web, 100, 3, 4);
    write(pod, 101, 3, 4);
    const [kill] = (await second).killed;
    assert.deepEqual([kill?.kills, kill?.before], [3, 2]);
  });

  it('leave out containers without new events', async (test) => {
    const { events, write, observed, all, next } = sampler(test);
    for (const cgroup of [pod, web, proxy]) write(cgroup, 50);
    events.follow([pod, web, proxy].map((cgroup) => observed(cgroup)));
    for (const max of [1, 2, 3]) {
      const seen = next();
      write(web, 100, 0, max);
      write(pod, 150, 0, max);
      await seen;
    }
    // Nothing is known about the other container before the first event.
    assert.deepEqual(
      all.slice(1).map(({ observations }) => pathsOf(observations)),
      [
        [web, pod],
        [web, pod],
      ],
    );
  });

  it('become fewer for a container that is at its limit all the time, but a kill has one at once', async (test) => {
    const { events, write, observed, all, next } = sampler(test);
    for (const cgroup of [pod, web]) write(cgroup, 50);
    events.follow([pod, web].map((cgroup) => observed(cgroup)));
    const began = performance.now();
    let max = 0;
    const hits = setInterval(() => {
      max++;
      write(web, 100, 0, max);
      write(pod, 150, 0, max);
    }, 1);
    while (all.length < 6) await next();
    clearInterval(hits);
    // After six samples, each of them at least twice as long after the one before: 10 + 20 + … + 160 ms.
    assert.ok(performance.now() - began >= 310);
    const seen = next();
    write(web, 100, 1, max + 1);
    write(pod, 150, 1, max + 1);
    const [kill] = (await seen).killed;
    assert.equal(kill?.observation.sample.id.path, web);
  });

  it('include a pod that was created after the last pass', async (test) => {
    const { events, write, observed, next } = sampler(test);
    write('/kubepods/burstable', 0);
    events.follow([observed('/kubepods/burstable')]);
    for (const cgroup of [pod, web]) write(cgroup, 50);
    while (events.size < 2) await new Promise(setImmediate);
    const seen = next();
    write(web, 100, 1, 1);
    write(pod, 101, 1, 1);
    assert.equal((await seen).killed[0]?.observation.sample.id.path, web);
  });

  it('are taken of services, and of containers whose pod has no cgroup, but not of slices', async (test) => {
    const { events, write, observed, next } = sampler(test);
    const all = ['/system.slice', '/system.slice/a.service', web];
    for (const cgroup of all) write(cgroup, 50);
    events.follow(all.map((cgroup) => observed(cgroup)));
    assert.equal(events.size, 2);
    for (const cgroup of all.slice(1)) {
      const seen = next();
      write(cgroup, 90, 1, 1);
      assert.deepEqual(pathsOf((await seen).observations), [cgroup]);
    }
  });
});

describe('the cgroups that are followed', () => {
  const other = (type: 'service' | 'container' | 'slice' | 'vm' | 'task' | 'job'): CgroupRole => ({
    ...{ kind: 'other', type, name: 'x' },
  });

  for (const [what, role, size] of [
    ['a QoS level, for new pods', { kind: 'kube' }, 1],
    ['a container', { kind: 'container', podUID: 'uid', id: 'a' }, 1],
    ['a service', other('service'), 1],
    ['a container outside pods', other('container'), 1],
    ['a virtual machine', other('vm'), 1],
    ['a batch job', other('job'), 1],
    ['no slice', other('slice'), 0],
    ['no root', { kind: 'root' }, 0],
    ['no cgroup below a container', { kind: 'inner' }, 0],
    ['no skipped cgroup', { kind: 'skip', why: 'x' }, 0],
  ] as const satisfies readonly (readonly [string, CgroupRole, number])[])
    it(`include ${what}`, (test) => {
      const { events, write, observed } = sampler(test);
      write('/one', 50);
      events.follow([{ ...observed('/one'), role }]);
      assert.equal(events.size, size);
    });

  it('are those of the last report alone', (test) => {
    const { events, write, observed } = sampler(test);
    for (const cgroup of ['/a.service', '/b.service']) write(cgroup, 50);
    events.follow([observed('/a.service'), observed('/b.service')]);
    assert.equal(events.size, 2);
    events.follow([observed('/b.service')]);
    assert.equal(events.size, 1);
  });

  it('are none before the start and after the end', (test) => {
    const { events, write, observed } = sampler(test);
    write('/a.service', 50);
    const another = new EventSampler({ directory: '/nowhere', root: '/', live: false });
    another.follow([observed('/a.service')]);
    assert.equal(another.size, 0);
    events.follow([observed('/a.service')]);
    events.close();
    assert.equal(events.size, 0);
    events.follow([observed('/a.service')]);
    assert.equal(events.size, 0);
  });
});

describe('a restarted service', () => {
  it('is another cgroup at the same path, and waits for the next report', async (test) => {
    const { events, write, observed, remove, all, next } = sampler(test);
    const service = '/system.slice/a.service';
    write(service, 50);
    events.follow([observed(service)]);
    const first = next();
    write(service, 90, 0, 1);
    await first;
    remove(service);
    write(service, 10, 0, 7);
    while (events.size > 0) await new Promise(setImmediate);
    assert.equal(all.length, 1);
    events.follow([observed(service)]);
    const second = next();
    write(service, 95, 1, 8);
    const [kill] = (await second).killed;
    assert.deepEqual(kill?.observation.sample.id, observed(service).sample.id);
  });
});

describe('a killed container', () => {
  /** A container that is killed after a report. @param kills its OOM kills at the report */
  async function killedIn(test: TestContext, killed = web, kills = 0) {
    const made = sampler(test);
    const all = killed === web ? [pod, web] : [killed];
    for (const one of all) made.write(one, 50, kills, kills);
    made.events.follow(all.map((one) => made.observed(one, kills)));
    const seen = made.next();
    for (const one of all.toReversed()) made.write(one, 100, kills + 1, kills + 1);
    await seen;
    return made;
  }

  it('that the next report sees needs no other sample', async (test) => {
    const { events, observed } = await killedIn(test);
    assert.deepEqual(events.killed.missingFrom([observed(web, 1)]), []);
    assert.deepEqual(events.killed.missingFrom([]), []);
  });

  it('that is gone by the next report stays until it is counted', async (test) => {
    const { events, remove, observed } = await killedIn(test);
    remove(web);
    const [gone, ...others] = events.killed.missingFrom([observed(pod)]);
    assert.equal(gone?.sample.id.path, web);
    assert.equal(gone.sample.details?.oomKills, 1);
    assert.deepEqual(others, []);
    assert.deepEqual(events.killed.missingFrom([observed(pod)]), [gone]);
    events.killed.counted(new Set([gone.sample]));
    assert.deepEqual(events.killed.missingFrom([observed(pod)]), []);
  });

  it('that nobody names is forgotten after 40 reports', async (test) => {
    const { events, remove, observed } = await killedIn(test);
    remove(web);
    for (let report = 0; report < 40; report++)
      assert.equal(events.killed.missingFrom([observed(pod)]).length, 1);
    assert.deepEqual(events.killed.missingFrom([observed(pod)]), []);
  });

  for (const [kills, kept] of [
    [0, 1],
    [1, 0],
  ] as const)
    it(`outside pods that runs again under its ID ${kept === 1 ? 'stays' : 'is forgotten'} if the last report saw ${kills} kills`, async (test) => {
      const docker = `/docker/${idOf('c')}`;
      const { events, remove, write, observed } = await killedIn(test, docker, kills);
      const before = observed(docker);
      remove(docker);
      write(docker, 10);
      assert.notEqual(observed(docker).sample.id.inode, before.sample.id.inode);
      assert.equal(events.killed.missingFrom([observed(docker)]).length, kept);
    });
});
