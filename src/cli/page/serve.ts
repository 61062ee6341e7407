/** Serves the page of `realmem ui` on loopback, until a signal. */
import { inspectionOf } from '../../agent/inspections.ts';
import type { Io } from '../../edges/process.ts';
import { usualLimits } from '../../http/limits.ts';
import { type HttpAnswer, listen, plainText } from '../../http/listener.ts';
import type { Explanation } from '../../inspect/explanation.ts';
import { renderJson } from '../../layout/structured.ts';
import { InputError, UsageError } from '../../model/located-error.ts';
import type { PageData } from '../../page/data.ts';
import { dataAnswer, dataPath, documentAnswer, troubleAnswer } from '../../page/site.ts';

export interface Served {
  readonly data: () => Promise<PageData>;
  /** @param target `namespace/pod/container` */
  readonly explain: (target: string) => Promise<Explanation>;
  /** Turns an error into one for people. */
  readonly printed: (error: unknown) => unknown;
}

/** A cluster of thousands of nodes takes a minute to read. */
const limits = { ...usualLimits, responseMs: 300_000 };

/** @throws LocatedError if it cannot listen on the port */
export async function servePage(
  port: number,
  served: Served,
  io: Pick<Io, 'untilSignal' | 'output'>,
): Promise<void> {
  const ended = io.untilSignal();
  const host = '127.0.0.1';
  const slowPage = (path: string): Promise<HttpAnswer> | undefined =>
    answerTo(path, served)?.catch((error) => troubleAnswer(served.printed(error)));
  const listener = await listen(
    { host, port },
    { page: () => undefined, slowPage },
    { limits, ownPort: true, todo: 'pass another --port, or --port 0 for any free one' },
  );
  try {
    await io.output.write(`http://${listener.address}/   Ctrl-C ends\n`);
    await ended;
  } finally {
    await listener.close();
  }
}

/** Undefined: no such path. */
function answerTo(path: string, { data, explain }: Served): Promise<HttpAnswer> | undefined {
  if (path === '/') return (async () => documentAnswer())();
  if (path === dataPath) return data().then(dataAnswer);
  const inspection = inspectionOf(path);
  return inspection?.kind === 'explain' ? explained(inspection.target, explain) : undefined;
}

async function explained(target: string, explain: Served['explain']): Promise<HttpAnswer> {
  try {
    return { status: 200, type: 'application/json', body: renderJson(await explain(target)) };
  } catch (error) {
    if (error instanceof InputError || error instanceof UsageError) return plainText(404, error.message);
    throw error;
  }
}
