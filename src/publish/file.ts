/** Saves the last report as a file: `<directory>/<node>.yaml`. */

import type { NodeReport, Sink } from '../model/report.ts';
import { fileName } from '../model/text.ts';

export const reportFile = (directory: string, node: string): string => `${directory}/${fileName(node)}.yaml`;

export interface FileSinkOptions {
  readonly directory: string;
  readonly render: (report: NodeReport) => string;
  /** Replaces the file atomically. */
  readonly replaceFile: (file: string, text: string) => Promise<void>;
  /** Turns an error of `replaceFile` into one that says what to do. */
  readonly explain: (file: string, error: unknown) => Error;
}

export function fileSink({ directory, render, replaceFile, explain }: FileSinkOptions): Sink {
  return {
    name: 'report file',
    async write(report) {
      const file = reportFile(directory, report.metadata.name);
      try {
        await replaceFile(file, render(report));
      } catch (error) {
        throw explain(file, error);
      }
    },
    async close() {},
  };
}
