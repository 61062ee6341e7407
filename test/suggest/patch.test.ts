/** Which commands are written at all, and which of them are commented out. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Suggestion } from '../../src/model/recommendation.ts';
import { ownerText, type PatchOptions, renderPatches, workloadsToPatch } from '../../src/suggest/patch.ts';
import { day, monday, type PlayedContainer, play } from '../usage/made/played.ts';
import { type Made, mib, suggestion, suggestions } from './made.ts';
import { commandsIn, container, of, owners, patches, pod } from './patched.ts';
import { suggestFrom } from './suggest-from.ts';

describe('renderPatches', () => {
  it('is no command when a workload name contains shell syntax, with or without a slash', () => {
    for (const workload of [
      'Deployment/x;touch pwned;echo /y',
      'Rollout/x$(id)/y',
      'CronJob/../y',
      'Job/x;id/y',
    ]) {
      const template = { containers: [container('web')] };
      const known = { owners: owners(workload, { template }), pods: [pod(workload)] };
      for (const options of [{}, known, { ...known, inPlace: true }])
        for (const line of commandsIn(patches([of(workload)], options)))
          assert.match(line, /^kubectl -n shop patch pod web-1 --subresource resize /, line);
    }
  });

  it('is a commented command after an OOM kill on the first day, and is left out without a kill', () => {
    const at = monday + 3 * 3600;
    const young = (workload: string): PlayedContainer => ({
      ...of(workload),
      request: 64,
      limit: 128,
      real: () => 100,
    });
    const containers = [
      { ...young('Deployment/killed'), kills: [3600] },
      { ...young('Deployment/well'), pod: 'well-1' },
    ];
    const kept = play(containers, { days: 3 / 24, stepSeconds: 300 }).kept();
    const suggestions = suggestFrom([{ node: 'node-1', at, ...kept }], at);
    const text = renderPatches(suggestions, { doubts: () => undefined, least: 'medium' });
    assert.deepEqual(commandsIn(text), []);
    assert.match(
      text,
      /^# Review before you run this: OOM killed, but less than a day of history\.\n(# .*\n)*# kubectl -n shop patch deployment killed /m,
    );
    assert.match(text, /^# Left out: 1 container /m);
  });

  it('changes no container of a pod whose pod-level suggestion has too little confidence', () => {
    const whole = { ...of('Deployment/web'), podRequest: 1024, podLimit: 2048 };
    const late = { ...whole, container: 'late', real: (at: number) => (at > 2.5 * day ? 100 : undefined) };
    const text = patches([whole, late], { least: 'medium' });
    assert.deepEqual(commandsIn(text), []);
    assert.match(text, /^# Left out: 3 containers/m);
  });
});

const render = (items: readonly Suggestion[], options: Partial<PatchOptions> = {}): string =>
  renderPatches(suggestions(items), { doubts: () => undefined, least: 'low', ...options });

const app = (name: string, more: Made = {}): Suggestion =>
  suggestion({
    setting: { type: 'container', request: mib(512), limit: mib(1024) },
    ...more,
    key: { workload: `Deployment/${name}`, ...more.key },
  });

/** Its settings are the suggested ones. */
const unchanged = (name: string): Suggestion =>
  app(name, { setting: { request: mib(100), limit: mib(200) } });

const unsure = (name: string, more: Made = {}): Suggestion =>
  app(name, { ...more, recommendation: { confidence: 'low', days: 0.5 } });

/** Less than a day of history, and a setting that an OOM kill raised. */
const young = (name: string, limit: number): Suggestion =>
  app(name, {
    setting: { limit: mib(100) },
    recommendation: {
      confidence: 'low',
      learning: { peak: mib(100), limit: mib(limit), because: ['OOM killed.'] },
    },
  });

describe('the head of the patches', () => {
  const headOf = (text: string): string => text.split('\n')[0] ?? '';

  it('counts workloads, not containers, in singular and plural', () => {
    assert.match(headOf(render([])), /^# 0 workloads to change\./);
    const two = [app('a'), app('a', { key: { container: 'side' } })];
    assert.match(headOf(render(two)), /^# 1 workload to change\./);
    assert.match(headOf(render([...two, app('b')])), /^# 2 workloads to change\./);
  });

  it('is all that an empty history gives', () => assert.equal(render([]).split('\n').length, 2));

  it('counts containers without enough confidence, and nothing when there are none', () => {
    const leftOut = (...items: readonly Suggestion[]) =>
      /^# Left out: .*$/m.exec(render(items, { least: 'medium' }))?.[0];
    assert.equal(leftOut(app('a')), undefined);
    assert.match(
      leftOut(app('a'), unsure('b')) ?? '',
      /^# Left out: 1 container with less than medium confidence\./,
    );
    assert.match(leftOut(unsure('b'), unsure('c')) ?? '', /^# Left out: 2 containers /);
  });

  it('counts no container whose settings would not change, however unsure', () => {
    const same = unsure('b', { setting: { request: mib(100), limit: mib(200) } });
    assert.doesNotMatch(render([same], { least: 'high' }), /Left out/);
  });

  it('names what realmem does not see, only where a workload changes', () => {
    assert.match(render([app('a')]), /^# 1 workload .*\n# realmem does not see .* -n shop\n/);
    assert.match(render([unchanged('a')]), /^# 0 workloads .*\n$/);
  });

  it('names a container that needs more while its history is too short, and the command that prints its values', () => {
    const learning = { peak: mib(61), needs: { limit: mib(122) }, because: [] };
    const text = render(
      [app('cart', { setting: { limit: mib(64) }, recommendation: { learning, confidence: 'low' } })],
      {
        least: 'medium',
      },
    );
    assert.match(text, /^# 0 workloads .*\n/);
    assert.match(
      text,
      /^# shop\/Deployment\/cart\/web needs more so far: limit at least 122Mi, now 64Mi\. .*kubectl realmem suggest -n shop deployment\/cart --min-confidence low -o patch$/m,
    );
  });

  it('says above a command of low confidence how long the history is', () => {
    const early = app('a', { recommendation: { confidence: 'low', days: 0.01 } });
    assert.match(
      render([early, app('b')], { least: 'low' }),
      /^# Low confidence: history of only web 14 min\. .*\n(# .*\n)*kubectl .* deployment a /m,
    );
    assert.doesNotMatch(render([app('b')], { least: 'low' }), /Low confidence/);
  });
});

describe('the commands of the patches', () => {
  it('are one for each workload that changes, and none for the others', () => {
    const commands = commandsIn(render([app('a'), unchanged('b'), app('c')]));
    assert.deepEqual(
      commands.map((line) => line.split(' ').slice(0, 6).join(' ')),
      ['kubectl -n shop patch deployment a', 'kubectl -n shop patch deployment c'],
    );
  });

  it('include a container of exactly the least confidence', () => {
    assert.equal(commandsIn(render([app('a')], { least: 'medium' })).length, 1);
    assert.equal(commandsIn(render([app('a')], { least: 'high' })).length, 0);
  });

  it('follow the reasons of each container', () =>
    assert.match(
      render([app('a', { recommendation: { because: ['First.', 'Second.'] } })]),
      /^# web: First\. Second\.\nkubectl /m,
    ));

  it('are comments under the first doubt about a container, and stay commands for other workloads', () => {
    const doubts = ({ key }: Suggestion): string | undefined =>
      key.workload === 'Deployment/a' && key.container !== 'a' ? `doubt about ${key.container}` : undefined;
    const items = ['a', 'b', 'c'].map((container) => app('a', { key: { container } }));
    const text = render([...items, app('z')], { doubts });
    assert.deepEqual(
      commandsIn(text).map((line) => line.split(' ')[5]),
      ['z'],
    );
    assert.match(text, /^# Review before you run this: doubt about b\.\n(#.*\n)+# kubectl .* deployment a /m);
    assert.doesNotMatch(text, /doubt about c|^# #/m);
  });

  it('of containers younger than a day are comments, only if an OOM kill raises a value', () => {
    const text = render([young('killed', 200), young('well', 100)], { least: 'medium' });
    assert.deepEqual(commandsIn(text), []);
    assert.match(text, /^# 0 workloads /);
    assert.match(
      text,
      /^# Review before you run this: OOM killed, .*\n(#.*\n)*# kubectl .* deployment killed /m,
    );
    assert.doesNotMatch(text, /deployment well/);
    assert.match(text, /^# Left out: 1 container /m);
  });

  it('of containers younger than a day are commands, written once, where low confidence is enough', () => {
    const text = render([young('killed', 200)]);
    assert.equal(commandsIn(text).length, 1);
    assert.doesNotMatch(text, /Review before|^# kubectl/m);
  });

  it('are none for a namespace or container that Kubernetes does not allow, and a container of no name', () => {
    for (const key of [{ namespace: 'a;b' }, { container: '$(id)' }, { container: '' }, { namespace: '' }]) {
      const text = render([app('a', { key })]);
      assert.deepEqual(commandsIn(text), [], JSON.stringify(key));
      assert.match(text, /a: no command, because Kubernetes does not allow its name\.$/m);
    }
  });

  it('are none for a whole workload when one of its containers has a name that Kubernetes does not allow', () =>
    assert.deepEqual(commandsIn(render([app('a'), app('a', { key: { container: 'x y' } })])), []));
});

describe('the commands in place', () => {
  it('are one for each pod of the workload, and none for other workloads, namespaces and hostile names', () => {
    const pods = [
      pod('Deployment/a', { name: 'a-1' }),
      pod('Deployment/a', { name: 'a-2' }),
      pod('Deployment/b', { name: 'b-1' }),
      pod('Deployment/a', { name: 'other', namespace: 'data' }),
      pod('Deployment/a', { name: 'a;id' }),
    ];
    const commands = commandsIn(render([app('a')], { inPlace: true, pods }));
    assert.deepEqual(
      commands.map((line) => /patch pod (\S+) --subresource resize/.exec(line)?.[1]),
      ['a-1', 'a-2'],
    );
  });

  it('are a comment while no pod runs, and while the pods are unknown', () => {
    for (const options of [{}, { pods: [] }, { pods: [pod('Deployment/b')] }]) {
      const text = render([app('a')], { inPlace: true, ...options });
      assert.match(text, /^# shop\/Deployment\/a: no command, because no pod of it runs\.$/m);
      assert.deepEqual(commandsIn(text), []);
    }
  });
});

describe('the command of a bare pod', () => {
  const bare = suggestion({
    key: { workload: 'Pod/web-1' },
    setting: { request: mib(512), limit: mib(1024) },
  });

  it('resizes that pod, not another of the same workload', () => {
    const pods = [pod('Pod/web-1', { name: 'other' }), pod('Pod/web-1')];
    const commands = commandsIn(render([bare], { pods }));
    assert.deepEqual(
      commands.map((line) => /patch pod (\S+)/.exec(line)?.[1]),
      ['web-1'],
    );
  });

  it('is a comment when the API has no such pod, and when its name is not allowed', () => {
    assert.match(
      render([bare], { owners: owners('Pod/web-1', 'missing') }),
      /no command, because the pod no longer exists\./,
    );
    const hostile = suggestion({ key: { workload: 'Pod/x;id' } });
    assert.match(render([hostile]), /no command, because Kubernetes does not allow its name\./);
  });
});

describe('workloadsToPatch', () => {
  const named = (items: readonly Suggestion[], least: PatchOptions['least'] = 'low') =>
    workloadsToPatch(suggestions(items), least).map(ownerText);

  it('lists each workload with a command once, also in two namespaces', () => {
    const side = app('a', { key: { container: 'side' } });
    const elsewhere = app('a', { key: { namespace: 'data' } });
    assert.deepEqual(
      named([app('a'), side, elsewhere, unchanged('b')]).toSorted(),
      [elsewhere, app('a')].map(({ key }) => ownerText(key)).toSorted(),
    );
  });

  it('includes one that an OOM kill raised without enough confidence, and no other unsure one', () =>
    assert.deepEqual(named([young('killed', 200), unsure('b')], 'medium'), [
      ownerText({ namespace: 'shop', workload: 'Deployment/killed' }),
    ]));
});

describe('ownerText', () => {
  it('keeps workloads apart whose names join to the same text', () =>
    assert.notEqual(
      ownerText({ namespace: 'a', workload: 'b/c' }),
      ownerText({ namespace: 'a/b', workload: 'c' }),
    ));
});
