/** The contract of all sinks. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { ApiCall } from '../../src/kube/api.ts';
import type { NodeReport, Sink } from '../../src/model/report.ts';
import { type FakeApi, faultOf } from './api.ts';

/** A sink under test, with access to its destination, and a switch that makes the destination fail. */
export interface Subject {
  readonly sink: Sink;
  /** The current content of the destination. Undefined: empty. */
  readonly written: () => string | undefined;
  readonly breakDestination: () => void;
  readonly mendDestination: () => void;
}

/** A sink that writes to a fake API server, with its own clock: each report comes a while after the last. */
export function apiSubject(sink: Sink, api: FakeApi, clock: { at: number }): Subject {
  let last: unknown;
  const take = (call: ApiCall): undefined => {
    last = call.body;
    return undefined;
  };
  api.refuse = take;
  const wait = (): void => {
    clock.at += 60_000;
  };
  return {
    sink,
    written() {
      wait();
      return last === undefined ? undefined : JSON.stringify(last);
    },
    breakDestination() {
      api.refuse = () => faultOf(500);
    },
    mendDestination() {
      wait();
      api.refuse = take;
    },
  };
}

/** @returns a function that offers a report after some time, and returns the number of calls */
export const offersTo =
  (sink: Sink, api: FakeApi, clock: { at: number }) =>
  async (ms: number, name = 'same'): Promise<number> => {
    clock.at += ms;
    await sink.write(reportOf(name));
    return api.news().length;
  };

export const reportOf = (name: string): NodeReport => ({
  apiVersion: 'realmem.dev/v1alpha1',
  kind: 'NodeMemoryReport',
  metadata: { name },
  observed: { at: '2026-01-02T03:04:05Z', agent: '0.0.0' },
  pods: [],
  containers: [],
  others: [],
  skipped: [],
  conditions: [],
});

export function sinkContract(name: string, make: (test: TestContext) => Subject): void {
  describe(`${name}, like every sink`, () => {
    it('has written the report when write resolves', async (test) => {
      const { sink, written } = make(test);
      await sink.write(reportOf('first'));
      assert.match(written() ?? '', /first/);
    });

    it('writes the next report too', async (test) => {
      const { sink, written } = make(test);
      await sink.write(reportOf('first'));
      await sink.write(reportOf('second'));
      assert.match(written() ?? '', /second/);
    });

    it('rejects without a synchronous throw when the destination fails, and recovers afterwards', async (test) => {
      const { sink, written, breakDestination, mendDestination } = make(test);
      breakDestination();
      let pending: Promise<void> | undefined;
      assert.doesNotThrow(() => {
        pending = sink.write(reportOf('lost'));
      });
      await assert.rejects(
        pending as Promise<void>,
        (error) => error instanceof Error && error.message !== '',
      );
      mendDestination();
      await sink.write(reportOf('kept'));
      assert.match(written() ?? '', /kept/);
    });

    it('writes the same content for the same report', async (test) => {
      const one = make(test);
      const other = make(test);
      await one.sink.write(reportOf('same'));
      await other.sink.write(reportOf('same'));
      assert.equal(one.written(), other.written());
    });

    it('can be closed twice', async (test) => {
      const { sink } = make(test);
      await sink.close();
      await sink.close();
    });

    it('has a name', (test) => assert.notEqual(make(test).sink.name, ''));
  });
}
