/** Files of a recording that have names in them: the mount table, and those of processes. */
import type { Anonymizer } from './anonymize.ts';

/** @param file its path below the host's `/`. What has no names in it stays as it is */
export function anonymizeFile(file: string, content: Uint8Array, anonymizer: Anonymizer): Uint8Array {
  const rewrite = rewriterOf(file);
  if (rewrite === undefined) return content;
  const lines = new TextDecoder().decode(content).split('\n');
  return new TextEncoder().encode(
    lines.map((line) => (line === '' ? '' : rewrite(line, anonymizer))).join('\n'),
  );
}

type Rewriter = (line: string, anonymizer: Anonymizer) => string;

function rewriterOf(file: string): Rewriter | undefined {
  if (file === 'proc/self/mountinfo') return mount;
  const [, name = ''] = /^proc\/\d+\/(\w+)$/.exec(file) ?? [];
  return Object.hasOwn(ofProcess, name) ? ofProcess[name] : undefined;
}

/** Of its fields those that tell where a hierarchy is (proc_pid_mountinfo(5)); options of v1 may name a program. */
function mount(line: string, anonymizer: Anonymizer): string {
  const fields = line.split(' ');
  const separator = fields.indexOf('-', 6);
  const [type = '', , options = ''] = fields.slice(separator + 1);
  const kept = options.split(',').filter((option) => /^[a-z_]+$/.test(option) || option === 'name=systemd');
  const [id, parent, device, root = '', point = '', flags] = fields;
  const places = [anonymizer.cgroup(root), anonymizer.mountPoint(point)];
  return [id, parent, device, ...places, flags, '-', type, type, kept.join(',')].join(' ');
}

const ofProcess: Readonly<Record<string, Rewriter>> = {
  /** `number:controllers:/path`; a hierarchy of somebody's own has his name. */
  cgroup(line, anonymizer) {
    const [, number = '', controllers = '', path = ''] = /^(\d+):([^:]*):(.*)$/s.exec(line) ?? [];
    const named = controllers.startsWith('name=') && controllers !== 'name=systemd';
    const hierarchy = named ? `name=${anonymizer.name(controllers.slice(5))}` : controllers;
    return `${number}:${hierarchy}:${anonymizer.cgroup(path)}`;
  },
  status: (line, anonymizer) =>
    line.startsWith('Name:') ? `Name:\t${anonymizer.name(line.slice(5).trim())}` : line,
  stat(line, anonymizer) {
    const [from, to] = [line.indexOf('('), line.lastIndexOf(')')];
    return from === -1 || to < from
      ? ''
      : `${line.slice(0, from + 1)}${anonymizer.name(line.slice(from + 1, to))}${line.slice(to)}`;
  },
};
