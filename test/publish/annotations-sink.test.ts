import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bytes } from '../../src/model/bytes.ts';
import type { Pod, PodAnnotations } from '../../src/model/pod.ts';
import { rfc3339 } from '../../src/model/time.ts';
import { type AnnotationSinkOptions, annotationSink } from '../../src/publish/annotations-sink.ts';
import { Budget } from '../../src/publish/budget.ts';
import type { ContainerFigures, PodFigures } from '../../src/publish/pod-figures.ts';
import { WriteSchedule } from '../../src/publish/schedule.ts';
import { FakeApi, faultOf } from './api.ts';
import { reportOf, sinkContract } from './contract.ts';

const second = 1_000;
const minute = 60 * second;
const Mi = 1024 ** 2;

const podOf = (name: string, more: Partial<Pod> = {}): Pod => ({
  ...{ uid: `uid-${name}`, namespace: 'shop', name, labels: {}, containers: [] },
  ...more,
});

const parse = (text: string): PodFigures | undefined => JSON.parse(text) as PodFigures;
const render = (figures: PodFigures): Required<PodAnnotations> => ({
  memory: 'a line',
  report: JSON.stringify(figures),
});

/** A test bed: pods, an API, and a watch that shows each write after `echoMs`. */
class Bed {
  readonly api = new FakeApi();
  at = Date.parse('2026-11-23T09:00:00Z');
  /** Undefined: the watch shows nothing. */
  echoMs: number | undefined = second;
  pods: Pod[] = [];
  readonly real = new Map<string, number>();
  readonly details = new Map<string, ContainerFigures>();
  allowed = true;
  private echoes: {
    readonly at: number;
    readonly name: string;
    readonly annotations: PodAnnotations | undefined;
  }[] = [];
  private sink: ReturnType<typeof annotationSink>;
  private readonly more: Partial<AnnotationSinkOptions>;

  constructor(names: readonly string[], more: Partial<AnnotationSinkOptions> = {}) {
    this.more = more;
    this.pods = names.map((name) => podOf(name));
    for (const name of names) this.real.set(name, 100 * Mi);
    this.sink = this.made();
  }

  private made() {
    return annotationSink({
      api: this.api,
      pods: () => this.pods,
      figuresOf: () =>
        new Map([...this.real].map(([name, real]) => [`uid-${name}`, this.figures(name, real)])),
      ...{
        parse,
        render,
        driftMs: 10 * minute,
        newsMs: minute,
        now: () => this.at,
        wallClock: () => this.at,
      },
      fit: (figures) => figures,
      allowed: () => this.allowed,
      annotates: () => true,
      budget: new Budget(() => 1e6, 1e6),
      schedule: new WriteSchedule({ periodMs: () => 0, spreadMs: () => 0, offset: 0, random: () => 1 }),
      ...this.more,
    });
  }

  restart(): void {
    this.sink = this.made();
  }

  figures(name: string, real: number): PodFigures {
    const container = { realBytes: bytes(real), limitBytes: bytes(1000 * Mi), ...this.details.get(name) };
    return { at: rfc3339(this.at), realBytes: bytes(real), containers: { main: container } };
  }

  change(name: string, more: Partial<Pod>): void {
    this.pods = this.pods.map((pod) => (pod.name === name ? { ...pod, ...more } : pod));
  }

  /** Offers a report after `ms`. @returns names of the pods that the sink wrote to */
  async after(ms: number): Promise<readonly string[]> {
    this.at += ms;
    for (const { name, annotations, at } of this.echoes)
      if (at <= this.at)
        this.pods = this.pods.map(({ annotations: _, ...pod }) =>
          pod.name === name
            ? { ...pod, ...(annotations && { annotations }) }
            : { ...pod, ...(_ && { annotations: _ }) },
        );
    this.echoes = this.echoes.filter(({ at }) => at > this.at);
    const { length } = this.api.calls;
    try {
      await this.sink.write(reportOf('node-1'));
    } finally {
      for (const call of this.api.calls.slice(length).filter((one) => this.api.taken.has(one))) {
        const { path, body } = call;
        const { annotations } = (body as { metadata: { annotations: Record<string, string | null> } })
          .metadata;
        const [memory, report] = [annotations['realmem.dev/memory'], annotations['realmem.dev/report']];
        if (this.echoMs === undefined) continue;
        const stands = memory == null || report == null ? undefined : { memory, report };
        this.echoes.push({ at: this.at + this.echoMs, name: nameIn(path), annotations: stands });
      }
    }
    return this.api.calls.slice(length).map(({ path }) => nameIn(path));
  }

  /** Offers a report every 5 s, `count` times. @returns number of writes by pod */
  async steps(count: number, each: (step: number) => void = () => {}): Promise<Record<string, number>> {
    const times: Record<string, number> = {};
    for (let step = 0; step < count; step++) {
      each(step);
      for (const name of await this.after(5 * second)) times[name] = (times[name] ?? 0) + 1;
    }
    return times;
  }
}

const nameIn = (path: string): string => /pods\/([^/]+)\/status/.exec(path)?.[1] ?? '';

/** A bed after its first write, with stable figures and nothing due. */
async function annotated(names: readonly string[], more: Partial<AnnotationSinkOptions> = {}): Promise<Bed> {
  const bed = new Bed(names, more);
  await bed.after(0);
  await bed.after(5 * second);
  assert.deepEqual(await bed.after(20 * minute), []);
  return bed;
}

sinkContract('annotations', () => {
  const api = new FakeApi();
  let [at, last] = [1e9, undefined as unknown];
  const take = (call: { readonly body: unknown }) => {
    last = call.body;
    return undefined;
  };
  api.refuse = take;
  const sink = annotationSink({
    ...{ api, parse, render, driftMs: minute, newsMs: 1, now: () => (at += second), wallClock: () => at },
    pods: () => [podOf('cart')],
    figuresOf: ({ metadata }) => new Map([['uid-cart', { containers: { [metadata.name]: {} } }]]),
    fit: (figures) => figures,
    ...{ allowed: () => true, annotates: () => true },
    budget: new Budget(() => 10, 1),
    schedule: new WriteSchedule({ periodMs: () => 0, spreadMs: () => 0, offset: 0, random: () => 1 }),
  });
  return {
    sink,
    written: () => (last === undefined ? undefined : JSON.stringify(last)),
    breakDestination: () => {
      api.refuse = () => faultOf(500);
    },
    mendDestination: () => {
      at += minute;
      api.refuse = take;
    },
  };
});

describe('a pod’s annotations', () => {
  it('are written as a merge patch of pods/status with the UID as a precondition', async () => {
    const bed = new Bed(['cart']);
    await bed.after(0);
    await bed.after(5 * second);
    const figures = bed.figures('cart', 100 * Mi);
    assert.deepEqual(bed.api.news(), [
      {
        method: 'PATCH',
        path: '/api/v1/namespaces/shop/pods/cart/status?fieldManager=realmem',
        contentType: 'application/merge-patch+json',
        body: {
          metadata: {
            uid: 'uid-cart',
            annotations: { 'realmem.dev/memory': 'a line', 'realmem.dev/report': JSON.stringify(figures) },
          },
        },
      },
    ]);
  });

  it('are first written once the figure is stable, or after five minutes', async () => {
    const bed = new Bed(['still', 'busy']);
    assert.deepEqual(await bed.after(0), []);
    bed.real.set('busy', 200 * Mi);
    assert.deepEqual(await bed.after(5 * second), ['still']);
    const times = await bed.steps(58, (step) => bed.real.set('busy', (step % 2 ? 200 : 300) * Mi));
    assert.deepEqual(times, {});
    bed.real.set('busy', 400 * Mi);
    assert.deepEqual(await bed.after(5 * second), ['busy']);
  });

  it('are not written for a drift of less than 16 MiB', async () => {
    const bed = await annotated(['cart']);
    bed.real.set('cart', 115 * Mi);
    assert.deepEqual(await bed.after(minute), []);
    bed.real.set('cart', 116 * Mi);
    assert.deepEqual(await bed.after(minute), ['cart']);
  });

  it('are not written for a drift of less than 10 %', async () => {
    const bed = new Bed(['big']);
    bed.real.set('big', 1000 * Mi);
    await bed.after(0);
    await bed.after(5 * second);
    bed.real.set('big', 1099 * Mi);
    assert.deepEqual(await bed.after(20 * minute), []);
    bed.real.set('big', 900 * Mi);
    assert.deepEqual(await bed.after(5 * second), [], 'the figure may still be changing');
    assert.deepEqual(await bed.after(5 * second), ['big']);
  });

  it('are written once a rising figure is stable, with its last value', async () => {
    const bed = await annotated(['cart']);
    for (const real of [120, 140, 150, 155]) {
      bed.real.set('cart', real * Mi);
      assert.deepEqual(await bed.after(5 * second), []);
    }
    assert.deepEqual(await bed.after(5 * second), ['cart']);
    await bed.after(5 * second);
    const [cart] = bed.pods;
    assert.equal(parse(cart?.annotations?.report ?? '{}')?.realBytes, 155 * Mi);
  });

  it('are written every ten minutes at most while figures drift', async () => {
    const bed = await annotated(['cart']);
    const times = await bed.steps(720, (step) => bed.real.set('cart', (step % 2 ? 100 : 200) * Mi));
    assert.ok((times['cart'] ?? 0) >= 5 && (times['cart'] ?? 0) <= 6, `${times['cart']} times in an hour`);
  });

  it('are written after a minute for a new verdict, limit or request', async () => {
    const bed = await annotated(['cart']);
    for (const more of [
      { verdict: 'OOMKilled' },
      { verdict: 'OOMKilled', limitBytes: bytes(Mi) },
      { verdict: 'OOMKilled', requestBytes: bytes(Mi) },
    ] as const) {
      bed.details.set('cart', more);
      assert.deepEqual(await bed.after(minute), ['cart']);
      assert.deepEqual(await bed.after(5 * second), []);
    }
    bed.details.set('cart', { verdict: 'OK' });
    assert.deepEqual(await bed.after(5 * second), []);
    assert.deepEqual(await bed.after(minute), ['cart']);
  });

  it('are not written if only the order of containers differs', async () => {
    const bed = await annotated(['cart']);
    const { at, containers } = bed.figures('cart', 100 * Mi);
    const shuffled = (names: readonly string[]): PodFigures => ({
      ...(at !== undefined && { at }),
      realBytes: bytes(100 * Mi),
      containers: Object.fromEntries(names.map((name) => [name, containers['main'] ?? {}])),
    });
    const more = { figuresOf: () => new Map([['uid-cart', shuffled(['a', 'b'])]]) };
    const other = new Bed(['cart'], more);
    other.change('cart', { annotations: render(shuffled(['b', 'a'])) });
    assert.deepEqual(await other.after(20 * minute), []);
  });

  it('stay unchanged if the report has no figures of the pod', async () => {
    const bed = await annotated(['cart']);
    bed.real.delete('cart');
    assert.deepEqual(await bed.steps(300), {});
  });

  it('omit and count containers that do not fit, and are not written again for that', async () => {
    const fit = (figures: PodFigures, taken: number): PodFigures | undefined =>
      taken === 0 ? figures : taken === 200 ? { containers: {}, omitted: 1 } : undefined;
    const bed = new Bed(['cart', 'full', 'crammed'], { fit });
    bed.change('full', { otherAnnotationBytes: 200 });
    bed.change('crammed', { otherAnnotationBytes: 300 });
    assert.deepEqual(await bed.steps(60), { cart: 1, full: 1 });
    const cut = bed.api.calls.filter(({ body }) => JSON.stringify(body).includes('omitted'));
    assert.deepEqual(
      cut.map(({ path }) => nameIn(path)),
      ['full'],
    );
  });
});

describe('after a restart of the agent', () => {
  it('current annotations are not written again', async () => {
    const bed = await annotated(['a', 'b']);
    bed.restart();
    assert.deepEqual(await bed.steps(300), {});
  });

  it('an annotation is parsed once while its text is the same', async () => {
    let count = 0;
    const bed = new Bed(['a'], {
      parse: (text) => {
        count++;
        return parse(text);
      },
    });
    bed.change('a', { annotations: render(bed.figures('a', 100 * Mi)) });
    for (let report = 0; report < 5; report++) await bed.after(second);
    assert.equal(count, 1);
    bed.change('a', { annotations: render(bed.figures('a', 150 * Mi)) });
    await bed.after(second);
    assert.equal(count, 2);
  });

  it('a drift waits ten minutes from the time in the annotation', async () => {
    const bed = new Bed(['cart']);
    await bed.after(0);
    await bed.after(5 * second);
    await bed.after(5 * second);
    bed.restart();
    bed.real.set('cart', 500 * Mi);
    assert.deepEqual(await bed.after(9 * minute), []);
    assert.deepEqual(await bed.after(minute), ['cart']);
  });

  it('a missing or invalid annotation is written again', async () => {
    const { memory, report } = render(new Bed([]).figures('cart', 100 * Mi));
    for (const annotations of [{ report }, { memory }, { memory, report: 'null' }]) {
      const bed = new Bed(['cart'], { parse: (text) => parse(text) ?? undefined });
      bed.change('cart', { annotations });
      await bed.after(0);
      assert.deepEqual(await bed.after(5 * second), ['cart']);
    }
  });

  it('a time in the future in an annotation does not delay the next write', async () => {
    const bed = new Bed(['cart']);
    const figures = { ...bed.figures('cart', 500 * Mi), at: '2999-01-01T00:00:00Z' };
    bed.change('cart', { annotations: render(figures) });
    assert.deepEqual(await bed.after(0), []);
    assert.deepEqual(await bed.after(5 * second), ['cart']);
  });
});

describe('a pod whose owner', () => {
  it('removes the annotations gets them back every ten minutes at most', async () => {
    const bed = await annotated(['cart']);
    const strip = (): void => {
      bed.pods = bed.pods.map(({ annotations: _, ...pod }) => pod);
    };
    const times = await bed.steps(720, strip);
    assert.ok((times['cart'] ?? 0) >= 5 && (times['cart'] ?? 0) <= 7, `${times['cart']} times in an hour`);
  });

  it('sets realmem.dev/ignore loses the annotations in one write', async () => {
    const bed = await annotated(['cart']);
    bed.change('cart', { ignored: true });
    bed.api.news();
    await bed.after(minute);
    assert.deepEqual(
      bed.api.calls.map(({ body }) => body),
      [
        {
          metadata: {
            uid: 'uid-cart',
            annotations: { 'realmem.dev/memory': null, 'realmem.dev/report': null },
          },
        },
      ],
    );
    assert.deepEqual(await bed.steps(300), {});
  });

  it('sets realmem.dev/ignore loses partial and invalid annotations too', async () => {
    for (const annotations of [{ memory: 'a line' }, { report: 'x' }, { memory: 'a line', report: 'x' }]) {
      const bed = new Bed(['cart'], { parse: () => undefined });
      bed.change('cart', { ignored: true, annotations });
      assert.deepEqual(await bed.after(0), ['cart']);
    }
  });

  it('sets realmem.dev/ignore on a pod without annotations gets no write', async () => {
    const bed = new Bed(['cart']);
    bed.change('cart', { ignored: true });
    assert.deepEqual(await bed.steps(100), {});
  });

  it('is in a namespace without annotations loses those that an earlier agent wrote, in one write', async () => {
    const earlier = await annotated(['cart', 'other']);
    const bed = new Bed([], { annotates: (namespace) => namespace !== 'kube-system' });
    bed.pods = earlier.pods.map((pod) => (pod.name === 'cart' ? { ...pod, namespace: 'kube-system' } : pod));
    for (const name of ['cart', 'other']) bed.real.set(name, 100 * Mi);
    bed.at = earlier.at;
    assert.deepEqual(await bed.after(0), ['cart']);
    assert.deepEqual(bed.api.calls[0]?.body, {
      metadata: { uid: 'uid-cart', annotations: { 'realmem.dev/memory': null, 'realmem.dev/report': null } },
    });
    assert.deepEqual(await bed.steps(300), {});
  });

  it('is in a namespace without annotations gets no write if it has none', async () => {
    const bed = new Bed(['cart'], { annotates: () => false });
    assert.deepEqual(await bed.steps(100), {});
  });

  it('removes realmem.dev/ignore gets the annotations back', async () => {
    const bed = await annotated(['cart']);
    bed.change('cart', { ignored: true });
    await bed.after(minute);
    await bed.after(5 * second);
    bed.pods = bed.pods.map(({ ignored: _, ...pod }) => pod);
    assert.deepEqual(await bed.after(minute), []);
    assert.deepEqual(await bed.after(5 * second), ['cart']);
  });
});

describe('a watch that shows no writes', () => {
  it('does not cause repeated writes to a pod', async () => {
    const bed = new Bed(['cart']);
    bed.echoMs = undefined;
    const times = await bed.steps(720);
    assert.ok((times['cart'] ?? 0) <= 7, `${times['cart']} times in an hour`);
  });
});

describe('a write that fails', () => {
  const only = (name: string, status: number, retryAfterMs?: number) => (call: { readonly path: string }) =>
    nameIn(call.path) === name ? faultOf(status, retryAfterMs) : undefined;

  for (const status of [404, 409, 400, 413, 422, 403, 500, 0])
    it(`with ${status} for one pod does not delay the other pods, now or later`, async () => {
      const bed = new Bed(['a', 'bad', 'c', 'd']);
      bed.api.refuse = only('bad', status);
      const tried: string[] = [];
      for (let step = 0; step < 60; step++)
        tried.push(...(await bed.after(5 * second).catch(() => [] as string[])));
      const written = bed.api.calls.map(({ path }) => nameIn(path));
      for (const name of ['a', 'c', 'd']) assert.ok(written.indexOf(name) >= 0, `${name} was not written`);
      // The failed pod does not use up the budget either: later news is written.
      const { length } = bed.api.calls;
      for (const name of ['a', 'c', 'd']) bed.details.set(name, { verdict: 'OOMKilled' });
      for (let step = 0; step < 80; step++) await bed.after(5 * second).catch(() => {});
      const later = new Set(bed.api.calls.slice(length).map(({ path }) => nameIn(path)));
      for (const name of ['a', 'c', 'd']) assert.ok(later.has(name), `${name} was not written again`);
    });

  it('because of the pod itself is retried after ten minutes', async () => {
    const bed = new Bed(['bad', 'good']);
    bed.api.refuse = only('bad', 422);
    await bed.after(0);
    await assert.rejects(bed.after(5 * second), /refused with 422/);
    assert.deepEqual(
      bed.api.news().map(({ path }) => nameIn(path)),
      ['bad', 'good'],
    );
    assert.deepEqual(await bed.steps(119), {});
    await assert.rejects(bed.after(5 * second), /refused with 422/);
  });

  it('because the pod is gone is not an error', async () => {
    const bed = new Bed(['bad']);
    bed.api.refuse = only('bad', 404);
    assert.deepEqual(await bed.steps(20), { bad: 1 });
  });

  it('because of the API server ends the round and delays the next one', async () => {
    const bed = new Bed(['a', 'b']);
    bed.api.refuse = () => faultOf(429, 30 * second);
    await bed.after(0);
    await assert.rejects(bed.after(5 * second), /refused with 429/);
    assert.equal(bed.api.news().length, 1);
    bed.api.refuse = undefined;
    assert.deepEqual(await bed.after(35 * second), []);
    // The failed pod comes last.
    assert.deepEqual(await bed.after(5 * second), ['b', 'a']);
  });

  it('does not lengthen the back-off after a later success', async () => {
    const bed = await annotated(['a', 'b']);
    for (let month = 0; month < 12; month++) {
      bed.api.refuse = () => faultOf(503);
      bed.real.set('a', (month % 2 ? 100 : 200) * Mi);
      assert.deepEqual(await bed.after(20 * minute), []);
      await assert.rejects(bed.after(5 * second));
      bed.api.refuse = undefined;
      assert.deepEqual(await bed.after(5 * second), ['a']);
    }
  });
});

describe('an agent that may not write to pods', () => {
  it('writes none, and writes all once it may', async () => {
    const bed = new Bed(['a', 'b']);
    bed.allowed = false;
    assert.deepEqual(await bed.steps(20), {});
    bed.allowed = true;
    assert.deepEqual(await bed.after(5 * second), ['a', 'b']);
  });
});

describe('a budget smaller than the number of changes', () => {
  const poor = { budget: new Budget(() => 0, 1) };

  it('reaches every pod about equally often, even if all pods drift all the time', async () => {
    const names = Array.from({ length: 10 }, (_, n) => `pod-${n}`);
    const bed = new Bed(names, { budget: new Budget(() => 1 / 250, 1) });
    const times = await bed.steps(720 * 6, (step) => {
      for (const name of names) bed.real.set(name, (Math.floor(step / 12) % 2 ? 100 : 200) * Mi);
    });
    const counts = names.map((name) => times[name] ?? 0);
    assert.ok(Math.min(...counts) >= Math.max(...counts) - 2, counts.join(' '));
    assert.ok(Math.min(...counts) >= 4, counts.join(' '));
  });

  it('goes to news before drift that waited as long', async () => {
    const bed = await annotated(['a', 'b', 'c']);
    const rich = new Budget(() => 0, 1);
    Object.assign((bed as unknown as { more: object }).more, { budget: rich });
    bed.restart();
    for (const name of ['a', 'b', 'c']) bed.real.set(name, 500 * Mi);
    bed.details.set('c', { verdict: 'OOMKilled' });
    assert.deepEqual(await bed.after(minute), ['c']);
  });

  it('allows no write once it is empty', async () => {
    const bed = new Bed(['a', 'b', 'c'], poor);
    assert.deepEqual(await bed.steps(20), { a: 1 });
  });
});

describe('for any changes, failures and restarts', () => {
  it('a pod is written once a minute at most, and its annotation is right in the end', async () => {
    const step = fc.record({
      wait: fc.integer({ min: 1, max: 90 }),
      real: fc.integer({ min: 1, max: 400 }),
      verdict: fc.constantFrom('OK', 'OOMKilled', 'NearLimit'),
      fault: fc.constantFrom(undefined, undefined, undefined, 404, 422, 500),
      restart: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const bed = new Bed(['cart']);
        let [last, writes] = [Number.NEGATIVE_INFINITY, 0];
        for (const { wait, real, verdict, fault, restart } of steps) {
          bed.real.set('cart', real * Mi);
          bed.details.set('cart', { verdict: verdict as 'OK' });
          bed.api.refuse = fault === undefined ? undefined : () => faultOf(fault);
          if (restart) bed.restart();
          const written = await bed.after(wait * second).catch(() => []);
          if (written.length === 0 || fault !== undefined) continue;
          assert.ok(bed.at - last >= minute - second, `${bed.at - last} ms after the last`);
          last = bed.at;
          writes++;
        }
        bed.api.refuse = undefined;
        for (let n = 0; n < 4; n++) await bed.after(11 * minute);
        const text = bed.pods[0]?.annotations?.report;
        assert.ok(text !== undefined, `${writes}`);
        const seen = parse(text);
        const { verdict } = seen?.containers['main'] ?? {};
        assert.equal(verdict, bed.details.get('cart')?.verdict);
        const real = bed.real.get('cart') ?? 0;
        const before = seen?.realBytes ?? 0;
        assert.ok(Math.abs(real - before) < Math.max(before / 10, 16 * Mi));
      }),
    );
  });
});
