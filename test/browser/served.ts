/** The real server of `realmem ui`, with made data instead of a cluster. */
import type { TestContext } from 'node:test';
import { servePage } from '../../src/cli/page/serve.ts';
import type { PageData } from '../../src/page/data.ts';
import { Printed } from '../cli/running.ts';

/** @param data what the page gets at each request @returns the address of the page */
export async function serveData(
  test: Pick<TestContext, 'after'>,
  data: () => Promise<PageData>,
): Promise<string> {
  const printed = new Printed();
  const ended = Promise.withResolvers<string>();
  const io = {
    untilSignal: () => ended.promise,
    output: {
      isTerminal: false,
      lines: undefined,
      columns: undefined,
      write: async (text: string) => printed.add(text),
    },
  };
  const explain = (): Promise<never> => Promise.reject(new Error('made data cannot be explained'));
  const serving = servePage(0, { data, explain, printed: (error) => error }, io);
  test.after(async () => {
    ended.resolve('SIGTERM');
    await serving;
  });
  const [address = ''] = await Promise.race([printed.matches(/http:\S+/), serving.then(() => [])]);
  return address;
}
