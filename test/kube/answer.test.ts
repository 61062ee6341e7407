import assert from 'node:assert/strict';
import type http from 'node:http';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  answerWithin,
  bodyOf,
  chunksOf,
  parseAnswer,
  readAnswer,
  tooLarge,
  unlessAborted,
} from '../../src/kube/answer.ts';
import { ApiError } from '../../src/kube/api-error.ts';

const never = new Promise<never>(() => {});
const response = (...chunks: readonly string[]): http.IncomingMessage =>
  Readable.from(chunks.map((chunk) => Buffer.from(chunk))) as http.IncomingMessage;

const errorOf = async (work: Promise<unknown>): Promise<ApiError> => {
  const error: unknown = await work.then(
    () => assert.fail('it did not fail'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ApiError, String(error));
  return error;
};

describe('withDeadline', () => {
  it('returns the answer', async () => assert.equal(await answerWithin({ path: '/x' }, async () => 7), 7));

  it('fails with Timeout and names the deadline when no answer comes', async () => {
    const { status, reason, message } = await errorOf(
      answerWithin({ path: '/x', deadlineMs: 5 }, () => never),
    );
    assert.deepEqual([status, reason, message], [0, 'Timeout', '/x: no answer within 5 ms']);
  });

  it('gives the answer a signal that the deadline aborts', async () => {
    let seen: AbortSignal | undefined;
    await errorOf(
      answerWithin({ path: '/x', deadlineMs: 5 }, (signal) => {
        seen = signal;
        assert.equal(signal.aborted, false);
        return never;
      }),
    );
    assert.equal(seen?.aborted, true);
  });

  it('fails at once when the signal of the call is given before or during the call', async () => {
    const before = await errorOf(
      answerWithin({ path: '/x', signal: AbortSignal.abort(new Error('stop')) }, () => never),
    );
    assert.deepEqual([before.status, before.reason, before.message], [0, 'Error', '/x: stop']);
    const end = new AbortController();
    const during = errorOf(answerWithin({ path: '/x', signal: end.signal }, () => never));
    end.abort(new Error('stop'));
    assert.equal((await during).message, '/x: stop');
  });

  it('passes an ApiError on, and gives any other error the path', async () => {
    const gone = new ApiError(404, 'NotFound', 'm');
    assert.equal(await errorOf(answerWithin({ path: '/x' }, () => Promise.reject(gone))), gone);
    const { message } = await errorOf(
      answerWithin({ path: '/x' }, () => Promise.reject(new Error('broken'))),
    );
    assert.equal(message, '/x: broken');
  });

  it('passes an ApiError on that comes when the deadline is over', async () => {
    const busy = new ApiError(429, 'TooManyRequests', 'm');
    const late = answerWithin({ path: '/x', deadlineMs: 1 }, (signal) => {
      const { promise, reject } = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => reject(busy));
      return promise;
    });
    assert.equal(await errorOf(late), busy);
  });
});

describe('unlessAborted', () => {
  it('settles as the work does, and leaves no listener on the signal', async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...all: Parameters<typeof addEventListener>) => {
      listeners++;
      addEventListener.apply(signal, all);
    };
    signal.removeEventListener = (...all: Parameters<typeof removeEventListener>) => {
      listeners--;
      removeEventListener.apply(signal, all);
    };
    assert.equal(await unlessAborted(Promise.resolve('done'), signal), 'done');
    await assert.rejects(unlessAborted(Promise.reject(new Error('no')), signal), /^Error: no$/);
    assert.equal(listeners, 0);
  });

  it('throws the reason of the signal, given before or during the work', async () => {
    const why = new Error('enough');
    await assert.rejects(unlessAborted(never, AbortSignal.abort(why)), why);
    const end = new AbortController();
    const work = unlessAborted(never, end.signal);
    end.abort(why);
    await assert.rejects(work, why);
  });

  it('throws the reason even if the work is done as well', async () =>
    assert.rejects(unlessAborted(Promise.resolve(1), AbortSignal.abort(new Error('enough'))), /enough/));
});

describe('bodyOf', () => {
  it('is whole up to the bound, and cut one byte above it', async () => {
    const exact = await bodyOf(response('ab', 'cd'), 4);
    assert.deepEqual([exact.isWhole, exact.text, exact.length], [true, 'abcd', 4]);
    const over = await bodyOf(response('ab', 'cde'), 4);
    assert.deepEqual([over.isWhole, over.length], [false, 5]);
  });

  it('of nothing is an empty text', async () => {
    const { isWhole, text } = await bodyOf(response(), 0);
    assert.deepEqual([isWhole, text], [true, '']);
  });

  it('reads no further than the bound, and closes the connection', async () => {
    let given = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) {
          given++;
          yield Buffer.alloc(1_000);
        }
      })(),
      { highWaterMark: 1 },
    ) as http.IncomingMessage;
    const body = await bodyOf(endless, 10_000);
    assert.equal(body.isWhole, false);
    assert.ok(given < 20, `${given} pieces`);
    assert.equal(endless.destroyed, true);
  });

  it('has every byte, however the text is cut', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme', minLength: 1 })), async (pieces) => {
        const { text } = await bodyOf(response(...pieces), 2 ** 20);
        assert.equal(text, pieces.join(''));
      }),
      { numRuns: 30 },
    ));
});

it('chunksOf gives the pieces as they come', async () => {
  const seen: string[] = [];
  for await (const chunk of chunksOf(response('a', 'b'))) seen.push(chunk.toString());
  assert.deepEqual(seen, ['a', 'b']);
});

describe('readAnswer and parseAnswer', () => {
  it('give the value of JSON, null included', () => {
    assert.deepEqual(readAnswer('{"a":1}', '/x'), { value: { a: 1 } });
    assert.equal(parseAnswer('null', '/x'), null);
    assert.deepEqual(parseAnswer('[1]', '/x'), [1]);
  });

  it('fail with NotJSON, the path and the first 60 characters of another text', () => {
    for (const one of [readAnswer, parseAnswer])
      assert.throws(
        () => one('x'.repeat(61), '/x'),
        (error: ApiError) =>
          error.status === 0 &&
          error.reason === 'NotJSON' &&
          error.message === `/x: expected JSON, got "${'x'.repeat(60)}"`,
      );
  });

  it('name an object that is too large, which is an error for parse', () => {
    const deep = `{"metadata":{"name":"deep"},"x":${'['.repeat(200)}${']'.repeat(200)}}`;
    const answer = readAnswer(deep, '/x');
    assert.equal('large' in answer && answer.large.metadata.name, 'deep');
    assert.throws(
      () => parseAnswer(deep, '/x'),
      (error: ApiError) =>
        error.reason === 'TooLarge' && error.message === '/x: JSON of 201 levels (at most 100)',
    );
  });
});

it('tooLarge has status 0, its reason, and the path before what is too large', () => {
  const { status, reason, message } = tooLarge('/x', 'an item: 9 bytes');
  assert.deepEqual([status, reason, message], [0, 'TooLarge', '/x: an item: 9 bytes']);
});
