import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type net from 'node:net';
import type { Duplex } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { type CloseReason, Connections } from '../../src/http/connections.ts';
import type { Limits } from '../../src/http/limits.ts';

/** The part of a socket that `Connections` uses. */
class FakeSocket extends EventEmitter {
  readonly remoteAddress: string | undefined;
  readonly calls: string[] = [];
  writableEnded = false;
  writableFinished = false;
  writableLength = 0;

  constructor(remoteAddress: string | undefined) {
    super();
    this.remoteAddress = remoteAddress;
  }

  resetAndDestroy(): void {
    this.calls.push('reset');
  }

  destroy(): void {
    this.calls.push('destroy');
  }

  get socket(): net.Socket {
    return this as unknown as net.Socket;
  }
}

const limits: Limits = {
  waiting: 3,
  answering: 2,
  perSource: 2,
  requestMs: 3_000,
  responseMs: 10_000,
  checkMs: 1_000,
};

/** Connections with a mocked timer. `closed` lists the name of each closed connection and the reason. */
function opened(test: TestContext, changes: Partial<Limits> = {}) {
  test.mock.timers.enable({ apis: ['setInterval'] });
  const reasons: CloseReason[] = [];
  const connections = new Connections({ ...limits, ...changes }, (reason) => reasons.push(reason));
  test.after(() => connections.end());
  const add = (source: string | undefined): FakeSocket => {
    const one = new FakeSocket(source);
    connections.add(one.socket, (socket) => socket);
    return one;
  };
  return { connections, reasons, add, pass: (ms: number) => test.mock.timers.tick(ms) };
}

const closed = ['reset', 'destroy'];

describe('Connections.add', () => {
  it('destroys a socket without an address, which is closed already, and does not secure it', (test) => {
    const { connections, reasons } = opened(test);
    const gone = new FakeSocket(undefined);
    const added = connections.add(gone.socket, () => assert.fail('secured'));
    assert.deepEqual([added, gone.calls, reasons], [undefined, ['destroy'], []]);
  });

  it('returns the secured stream and the source address', (test) => {
    const { connections } = opened(test);
    const secured = new FakeSocket('10.0.0.1') as unknown as Duplex;
    const added = connections.add(new FakeSocket('10.0.0.1').socket, () => secured);
    assert.equal(added?.stream, secured);
    assert.equal(added?.source, '10.0.0.1');
  });

  it('accepts as many connections of a source as the limit, and closes its oldest at one more', (test) => {
    const { reasons, add } = opened(test);
    const [other, first, second] = [add('b'), add('a'), add('a')];
    assert.deepEqual(reasons, []);
    const third = add('a');
    assert.deepEqual(reasons, ['source_limit']);
    assert.deepEqual(
      [other, first, second, third].map(({ calls }) => calls),
      [[], closed, [], []],
    );
  });

  it('closes the waiting connection of a source before an older one that is being answered', (test) => {
    const { connections, add } = opened(test);
    const [asked, silent] = [add('a'), add('a')];
    connections.requested(asked.socket);
    add('a');
    assert.deepEqual([asked.calls, silent.calls], [[], closed]);
  });

  it('closes a connection being answered when its source has no waiting one', (test) => {
    const { connections, reasons, add } = opened(test);
    const [first, second] = [add('a'), add('a')];
    connections.requested(second.socket);
    connections.requested(first.socket);
    add('a');
    assert.deepEqual([first.calls, second.calls, reasons], [[], closed, ['source_limit']]);
  });

  it('closes the oldest waiting connection of any source at one more than the total limit', (test) => {
    const { reasons, add } = opened(test);
    const [first, second] = [add('a'), add('b'), add('c')];
    assert.deepEqual(reasons, []);
    add('d');
    assert.deepEqual([first?.calls, second?.calls, reasons], [closed, [], ['total_limit']]);
  });

  it('closes one connection, not two, when source and total are both at their limits', (test) => {
    const { reasons, add } = opened(test);
    const [a, b] = [add('a'), add('b'), add('b')];
    add('b');
    assert.deepEqual([a?.calls, b?.calls, reasons], [[], closed, ['source_limit']]);
  });

  it('keeps the total limit when the source limit closes a connection that was being answered', (test) => {
    const { connections, reasons, add } = opened(test);
    const answered = [add('a'), add('a')];
    for (const one of answered) connections.requested(one.socket);
    const waiting = ['b', 'c', 'd'].map(add);
    add('a');
    assert.deepEqual(
      [...answered, ...waiting].map(({ calls }) => calls),
      [closed, [], closed, [], []],
    );
    assert.deepEqual(reasons, ['source_limit', 'total_limit']);
  });

  it('counts a source again after its connections closed, were closed, or both', (test) => {
    const { connections, reasons, add } = opened(test);
    for (let times = 0; times < 5; times++) {
      const [first, second] = [add('a'), add('a')];
      first.emit('close');
      connections.close(second.socket, 'excess_data');
      second.emit('close');
    }
    assert.deepEqual(
      reasons,
      Array.from({ length: 5 }, () => 'excess_data'),
    );
  });
});

describe('Connections.requested', () => {
  it('does not count connections being answered against the limit of waiting ones', (test) => {
    const { connections, reasons, add } = opened(test);
    for (const source of ['a', 'b']) connections.requested(add(source).socket);
    for (const source of ['c', 'd', 'e']) add(source);
    assert.deepEqual(reasons, []);
  });

  it('closes the connection asked for first at one more than the limit of answers', (test) => {
    const { connections, reasons, add } = opened(test);
    const [a, b, c] = [add('a'), add('b'), add('c')] as const;
    for (const one of [b, a]) connections.requested(one.socket);
    assert.deepEqual(reasons, []);
    connections.requested(c.socket);
    assert.deepEqual([a.calls, b.calls, c.calls, reasons], [[], closed, [], ['total_limit']]);
  });

  it('changes nothing for an unknown socket, nor for a second call', (test) => {
    const { connections, reasons, add, pass } = opened(test);
    connections.requested(new FakeSocket('x').socket);
    const one = add('a');
    connections.requested(one.socket);
    pass(6_000);
    connections.requested(one.socket);
    pass(5_000);
    assert.deepEqual([one.calls, reasons], [closed, ['response_timeout']]);
  });
});

describe('Connections.close', () => {
  it('closes a connection and reports it once, and ignores an unknown one', (test) => {
    const { connections, reasons, add } = opened(test);
    const one = add('a');
    connections.close(one.socket, 'excess_data');
    connections.close(one.socket, 'total_limit');
    connections.close(new FakeSocket('b').socket, 'total_limit');
    assert.deepEqual([one.calls, reasons], [closed, ['excess_data']]);
  });

  it('waits for our own shutdown that is in progress, then resets', (test) => {
    const { connections, reasons, add } = opened(test);
    const one = add('a');
    one.writableEnded = true;
    connections.close(one.socket, 'response_timeout');
    assert.deepEqual([one.calls, reasons], [[], ['response_timeout']]);
    one.emit('finish');
    assert.deepEqual(one.calls, closed);
  });

  it('resets at once when the client leaves data unread, or our shutdown has finished', (test) => {
    for (const state of [{ writableLength: 1 }, { writableFinished: true }]) {
      const { connections, add } = opened(test);
      const one = add('a');
      Object.assign(one, { writableEnded: true, ...state });
      connections.close(one.socket, 'response_timeout');
      assert.deepEqual(one.calls, closed);
      test.mock.timers.reset();
    }
  });
});

describe('the timer of Connections', () => {
  it('closes a connection after requestMs without a complete request, not at requestMs', (test) => {
    const { reasons, add, pass } = opened(test);
    const one = add('a');
    pass(3_000);
    assert.deepEqual(one.calls, []);
    pass(1_000);
    assert.deepEqual([one.calls, reasons], [closed, ['request_timeout']]);
  });

  it('closes a connection responseMs after its request, whatever time the request took', (test) => {
    const { connections, reasons, add, pass } = opened(test);
    const one = add('a');
    pass(3_000);
    connections.requested(one.socket);
    pass(10_000);
    assert.deepEqual(one.calls, []);
    pass(1_000);
    assert.deepEqual([one.calls, reasons], [closed, ['response_timeout']]);
  });

  it('closes all expired connections in one check', (test) => {
    const { reasons, add, pass } = opened(test);
    const all = ['a', 'b', 'c'].map(add);
    pass(4_000);
    assert.deepEqual(
      all.map(({ calls }) => calls),
      [closed, closed, closed],
    );
    assert.equal(reasons.length, 3);
  });
});

describe('Connections.end', () => {
  it('destroys waiting and answered connections, reports no reason, and stops the timer', (test) => {
    const { connections, reasons, add, pass } = opened(test);
    const [asked, silent] = [add('a'), add('b')];
    connections.requested(asked.socket);
    connections.end();
    assert.deepEqual([asked.calls, silent.calls], [['destroy'], ['destroy']]);
    pass(60_000);
    assert.deepEqual(reasons, []);
  });
});
