import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { replaceFile, whyNotWritten } from '../../src/edges/files.ts';
import type { NodeReport } from '../../src/model/report.ts';
import { fileSink } from '../../src/publish/file.ts';
import { tempDir } from '../temp.ts';
import { reportOf, sinkContract } from './contract.ts';

const render = (report: NodeReport): string => `${report.metadata.name}\n`;

const explain = (file: string, error: unknown): Error => whyNotWritten(file, error, '--report-dir');

sinkContract('file', (test) => {
  const directory = path.join(tempDir(test), 'reports');
  return {
    sink: fileSink({ directory, render, replaceFile, explain }),
    written: () => newest(directory),
    // A file in place of the directory makes the write fail even for root.
    breakDestination: () => fs.writeFileSync(directory, ''),
    mendDestination: () => fs.rmSync(directory),
  };
});

function newest(directory: string): string | undefined {
  const times = fs.readdirSync(directory).map((name) => path.join(directory, name));
  const [last] = times.sort((a, b) => fs.statSync(b).mtimeMs - fs.statSync(a).mtimeMs || (a < b ? 1 : -1));
  return last === undefined ? undefined : fs.readFileSync(last, 'utf8');
}

it('a failed write names the file and says what to do', async (test) => {
  const directory = path.join(tempDir(test), 'reports');
  fs.writeFileSync(directory, '');
  const sink = fileSink({ directory, render, replaceFile, explain });
  await assert.rejects(
    sink.write(reportOf('node-1')),
    /cannot write .*reports\/node-1\.yaml: .*--report-dir/,
  );
});

it('a file is always in its directory, for any name of a node', async (test) => {
  const directory = tempDir(test);
  const sink = fileSink({ directory: path.join(directory, 'in'), render, replaceFile, explain });
  for (const name of ['../out', '..', '.hidden', 'a/b', 'c\u0000d']) await sink.write(reportOf(name));
  assert.deepEqual(fs.readdirSync(directory), ['in']);
  assert.equal(fs.readdirSync(path.join(directory, 'in')).length, 5);
});

it('two sinks can create the same directory at the same time', async (test) => {
  const directory = path.join(tempDir(test), 'not', 'there', 'yet');
  const names = ['a', 'b', 'c', 'd'];
  await Promise.all(names.map((name) => replaceFile(path.join(directory, name), name)));
  assert.deepEqual(fs.readdirSync(directory), names);
});

it('a failed write leaves no temporary file', async (test) => {
  const directory = tempDir(test);
  const sink = fileSink({ directory, render, replaceFile, explain });
  fs.mkdirSync(path.join(directory, 'node-1.yaml'));
  await assert.rejects(sink.write(reportOf('node-1')));
  assert.deepEqual(fs.readdirSync(directory), ['node-1.yaml']);
});

it('the message of a failed write says what to do for each error code', () => {
  for (const [code, todo] of [
    ['ENOSPC', /free space on that disk$/],
    ['EDQUOT', /free space in this user's disk quota$/],
    ['EROFS', /that file system is read-only: pass another directory with --report-dir$/],
    ['EACCES', /make the directory writable, or pass another with --report-dir$/],
  ] as const) {
    const { message } = explain('/kept/node.yaml', Object.assign(new Error(`${code}: no`), { code }));
    assert.match(message, /^cannot write \/kept\/node\.yaml: /);
    assert.match(message, todo);
  }
});
