/** Reads the names in the kubelet's log directories. Opens no log and follows no link. */

import fs from 'node:fs';
import path from 'node:path';
import type { LogLink, PodLog, PodLogs } from '../model/pod.ts';
import { compareText } from '../model/text.ts';

/** @param root the directory that represents the host's `/` @returns undefined when missing or unreadable */
export function readPodLogs(root: string): PodLogs | undefined {
  const pods = list(root, 'var/log/pods');
  if (pods === undefined) return undefined;
  return {
    pods: pods.filter((entry) => entry.isDirectory()).map(({ name }) => podLog(root, name)),
    links: linksIn(root, 'var/log/containers'),
  };
}

function podLog(root: string, directory: string): PodLog {
  const below = path.join('var/log/pods', directory);
  const containers = (list(root, below) ?? []).filter((entry) => entry.isDirectory());
  return {
    directory,
    containers: containers.map(({ name }) => ({ name, logs: linksIn(root, path.join(below, name)) })),
  };
}

function linksIn(root: string, below: string): readonly LogLink[] {
  const files = (list(root, below) ?? []).filter(({ name }) => name.endsWith('.log'));
  return files.map((entry) => {
    const target = entry.isSymbolicLink() ? targetOf(path.join(root, below, entry.name)) : undefined;
    return { file: entry.name, ...(target !== undefined && { target }) };
  });
}

/** Undefined when the directory is missing, or a link leads out of the root: a recording must show only its own host. */
function list(root: string, below: string): readonly fs.Dirent[] | undefined {
  try {
    const directory = path.join(root, below);
    const from = path.relative(fs.realpathSync(root), fs.realpathSync(directory));
    if (from === '..' || from.startsWith('../')) return undefined;
    return fs.readdirSync(directory, { withFileTypes: true }).toSorted((a, b) => compareText(a.name, b.name));
  } catch {
    // These names are optional: without them, the report identifies pods by their cgroup paths.
    return undefined;
  }
}

function targetOf(file: string): string | undefined {
  try {
    return fs.readlinkSync(file);
  } catch {
    return undefined;
  }
}
