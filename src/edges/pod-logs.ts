/** The kubelet's log directories, for the names in them: nothing is opened, no link followed. */
import fs from 'node:fs';
import path from 'node:path';
import type { LogLink, PodLog, PodLogs } from '../model/pod.ts';

/** @returns undefined where there are none, or they may not be read */
export function readPodLogs(root: string): PodLogs | undefined {
  const pods = list(root, 'var/log/pods');
  if (pods === undefined) return undefined;
  return {
    pods: pods.filter((entry) => entry.isDirectory()).map(({ name }) => podLog(root, name)),
    links: linksIn(root, 'var/log/containers'),
  };
}

function podLog(root: string, directory: string): PodLog {
  const place = path.join('var/log/pods', directory);
  const containers = (list(root, place) ?? []).filter((entry) => entry.isDirectory());
  return {
    directory,
    containers: containers.map(({ name }) => ({ name, lives: linksIn(root, path.join(place, name)) })),
  };
}

function linksIn(root: string, place: string): readonly LogLink[] {
  const files = (list(root, place) ?? []).filter(({ name }) => name.endsWith('.log'));
  return files.map((entry) => {
    const target = entry.isSymbolicLink() ? targetOf(path.join(root, place, entry.name)) : undefined;
    return { file: entry.name, ...(target !== undefined && { target }) };
  });
}

/** Undefined where there is none, or a link leads out of the root: a recording shows its own host alone. */
function list(root: string, place: string): readonly fs.Dirent[] | undefined {
  try {
    const directory = path.join(root, place);
    const from = path.relative(fs.realpathSync(root), fs.realpathSync(directory));
    if (from === '..' || from.startsWith('../')) return undefined;
    return fs
      .readdirSync(directory, { withFileTypes: true })
      .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  } catch {
    // Names by the way: where they cannot be had the pods go by their paths.
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
