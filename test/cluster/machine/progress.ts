/** Prints a line with the duration for each part of the work. */
export interface Progress {
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
  part<T>(name: string, work: () => Promise<T>): Promise<T>;
}

export function progressOn(output: NodeJS.WritableStream, signal: AbortSignal): Progress {
  return {
    signal,
    async part(name, work) {
      signal.throwIfAborted();
      const began = performance.now();
      const late = setTimeout(() => output.write(`${name} …\n`), 5000);
      const done = (how: string): void => {
        clearTimeout(late);
        const seconds = ((performance.now() - began) / 1000).toFixed(1);
        output.write(`${name.padEnd(50)} ${seconds.padStart(6)} s${how}\n`);
      };
      try {
        const result = await work();
        done('');
        return result;
      } catch (error) {
        done(' failed');
        throw error;
      }
    },
  };
}
