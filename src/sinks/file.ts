/** The last report, as a file: `<directory>/<node>.yaml`. */
import { messageOf } from '../model/fault.ts';
import { fileName } from '../model/file-name.ts';
import type { NodeReport } from '../model/report.ts';
import type { Sink } from '../model/sink.ts';

export interface FileSinkOptions {
  readonly directory: string;
  readonly render: (report: NodeReport) => string;
  /** Puts a whole file in the place of the old one. */
  readonly replaceFile: (file: string, text: string) => Promise<void>;
}

export function fileSink({ directory, render, replaceFile }: FileSinkOptions): Sink {
  return {
    name: `file ${directory}`,
    async write(report) {
      const file = `${directory}/${fileName(report.metadata.name)}.yaml`;
      try {
        await replaceFile(file, render(report));
      } catch (error) {
        throw new Error(
          `${file} was not written: ${messageOf(error)}; make the directory writable or give another with --report-dir`,
        );
      }
    },
    async close() {},
  };
}
