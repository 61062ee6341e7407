/** Anonymizes the files of a recording that contain names: the mount table, and the files of processes. */
import type { Anonymizer } from './anonymize.ts';

/** Returns files without names unchanged. @param file path below the host's `/` */
export function anonymizeFile(file: string, content: Uint8Array, anonymizer: Anonymizer): Uint8Array {
  if (/^proc\/\d+\/stat$/.test(file))
    return new TextEncoder().encode(stat(new TextDecoder().decode(content), anonymizer));
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
  return Object.hasOwn(processRewriters, name) ? processRewriters[name] : undefined;
}

/**
 * Keeps the fields that locate a hierarchy (proc_pid_mountinfo(5)). Drops options of v1 with a value, except
 * `name=systemd`: they may contain the path of a program.
 */
function mount(line: string, anonymizer: Anonymizer): string {
  const fields = line.split(' ');
  const separator = fields.indexOf('-', 6);
  const [type = '', , options = ''] = fields.slice(separator + 1);
  const kept = options.split(',').filter((option) => /^[a-z_]+$/.test(option) || option === 'name=systemd');
  const [id, parent, device, root = '', point = '', flags] = fields;
  const paths = [anonymizer.cgroup(root), anonymizer.mountPoint(point)];
  return [id, parent, device, ...paths, flags, '-', type, type, kept.join(',')].join(' ');
}

const processRewriters: Readonly<Record<string, Rewriter>> = {
  /** `number:controllers:/path`. A custom hierarchy (`name=…`) has a name that someone chose. */
  cgroup(line, anonymizer) {
    const [, number = '', controllers = '', path = ''] = /^(\d+):([^:]*):(.*)$/s.exec(line) ?? [];
    const named = controllers.startsWith('name=') && controllers !== 'name=systemd';
    const hierarchy = named ? `name=${anonymizer.name(controllers.slice(5))}` : controllers;
    return `${number}:${hierarchy}:${anonymizer.cgroup(path)}`;
  },
  status: (line, anonymizer) =>
    line.startsWith('Name:') ? `Name:\t${anonymizer.name(line.slice(5).trim())}` : line,
};

/** The kernel does not escape the name in `stat`: it may contain line breaks and brackets (proc_pid_stat(5)). */
function stat(text: string, anonymizer: Anonymizer): string {
  const [, before, name, after] = /^(\d+ \()(.*)(\) [A-Za-z](?: -?\d+)*\n?)$/s.exec(text) ?? [];
  return name === undefined ? '' : `${before}${anonymizer.name(name)}${after}`;
}
