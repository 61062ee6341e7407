/** Builds the cluster's programs from the Go module proxy, at the versions in `go/<module>/go.mod`. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { command } from '../machine/command.ts';
import { dirs } from '../machine/paths.ts';
import type { Progress } from '../machine/progress.ts';

interface GoModule {
  /**
   * The folder of this module's go.mod. Each module has its own, because a shared one would raise versions of
   * dependencies.
   */
  readonly name: string;
  readonly module: string;
  /** Main packages below the module, by program name. Undefined: `main.go` beside the go.mod. */
  readonly programs: Readonly<Record<string, string | undefined>>;
  /** The cluster does not need it. Built only by its name. */
  readonly apart?: true;
  /** Variables that the linker sets. */
  readonly stamps?: (version: string) => Readonly<Record<string, string>>;
}

const modules: readonly GoModule[] = [
  { name: 'etcd', module: 'go.etcd.io/etcd/server/v3', programs: { etcd: '' } },
  {
    name: 'containerd',
    module: 'github.com/containerd/containerd/v2',
    programs: Object.fromEntries(
      ['containerd', 'containerd-shim-runc-v2', 'ctr'].map((name) => [name, `/cmd/${name}`]),
    ),
  },
  {
    name: 'kubernetes',
    module: 'k8s.io/kubernetes',
    programs: Object.fromEntries(
      ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl', 'kubelet'].map((name) => [
        name,
        `/cmd/${name}`,
      ]),
    ),
    // Without these stamps the programs report v0.0.0, and the API server derives its enabled APIs from its version.
    stamps(version) {
      const [, major = '', minor = ''] = /^v(\d+)\.(\d+)\./.exec(version) ?? [];
      const variable = 'k8s.io/component-base/version.git';
      return { [`${variable}Version`]: version, [`${variable}Major`]: major, [`${variable}Minor`]: minor };
    },
  },
  {
    name: 'helm',
    module: 'helm.sh/helm/v3',
    programs: { helm: '/cmd/helm' },
    // Without these stamps `helm template` and `helm lint` assume Kubernetes 1.20. The stamp follows the Kubernetes
    // libraries.
    stamps() {
      const [, minor = ''] = /^v0\.(\d+)\./.exec(requiredVersion('helm', 'k8s.io/client-go')) ?? [];
      const packages = ['helm.sh/helm/v3/pkg/chartutil', 'helm.sh/helm/v3/pkg/lint/rules'];
      return Object.fromEntries(packages.map((name) => [`${name}.k8sVersionMinor`, minor]));
    },
  },
  // Helm 4 reads the Kubernetes version from its libraries.
  { name: 'helm-4', module: 'helm.sh/helm/v4', programs: { 'helm-4': '/cmd/helm' } },
  // The tools besides kubectl that people read memory with.
  {
    name: 'metrics-server',
    module: 'sigs.k8s.io/metrics-server',
    programs: { 'metrics-server': '/cmd/metrics-server' },
    stamps: (version) => ({ 'k8s.io/client-go/pkg/version.gitVersion': version }),
    apart: true,
  },
  {
    name: 'crictl',
    module: 'sigs.k8s.io/cri-tools',
    programs: { crictl: '/cmd/crictl' },
    stamps: (version) => ({ 'sigs.k8s.io/cri-tools/pkg/version.Version': version }),
    apart: true,
  },
  // What the benchmark of the agent compares it with.
  {
    name: 'cadvisor',
    module: 'github.com/google/cadvisor/lib',
    programs: { cadvisor: undefined },
    apart: true,
  },
];

const sources = new URL('../go/', import.meta.url).pathname;

/** Returns the path of a program. */
export const binary = (program: string): string => path.join(directoryOf(moduleOf(program)), program);

function moduleOf(program: string): GoModule {
  const module = modules.find(({ programs }) => Object.hasOwn(programs, program));
  if (module === undefined) throw new Error(`the cluster has no program ${program}`);
  return module;
}

/** Builds missing programs. @param only builds this program and no other */
export async function buildBinaries(progress: Progress, only?: string): Promise<void> {
  for (const module of modules) {
    for (const [program, main] of Object.entries(module.programs)) {
      const target = binary(program);
      const isAsked = only === undefined ? module.apart !== true : program === only;
      if (!isAsked || fs.existsSync(target)) continue;
      await progress.part(`${program} ${versionOf(module)}: go build`, () =>
        build(module, main === undefined ? '.' : module.module + main, target, progress.signal),
      );
    }
  }
}

async function build(module: GoModule, main: string, target: string, signal: AbortSignal): Promise<void> {
  const stamps = Object.entries(module.stamps?.(versionOf(module)) ?? {});
  const linker = ['-s', '-w', ...stamps.map(([variable, value]) => `-X ${variable}=${value}`)].join(' ');
  // Building under a temporary name keeps an interrupted build from leaving a broken program.
  const unfinished = `${target}.unfinished`;
  await command('go', ['build', '-trimpath', '-ldflags', linker, '-o', unfinished, main], {
    cwd: path.join(sources, module.name),
    env: { CGO_ENABLED: '0' },
    signal,
  });
  fs.renameSync(unfinished, target);
}

/** The hash in the name covers the versions of all dependencies, in go.mod, and a main package of ours. */
function directoryOf(module: GoModule): string {
  const hash = createHash('sha256').update(goMod(module.name));
  if (Object.values(module.programs).includes(undefined)) hash.update(sourceOf(module.name, 'main.go'));
  return path.join(dirs.binaries, `${module.name}-${versionOf(module)}-${hash.digest('hex').slice(0, 8)}`);
}

/** The version of a program, as its go.mod requires it. */
export const versionOfProgram = (program: string): string => versionOf(moduleOf(program));

const versionOf = ({ name, module }: GoModule): string => requiredVersion(name, module);

function requiredVersion(name: string, module: string): string {
  const requirement = goMod(name)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find((words) => words.includes(module) && words.some((word) => /^v\d/.test(word)));
  const version = requirement?.find((word) => /^v\d/.test(word));
  if (version === undefined) throw new Error(`go/${name}/go.mod does not require ${module}`);
  return version;
}

const goMod = (name: string): string => sourceOf(name, 'go.mod');

const sourceOf = (name: string, file: string): string =>
  fs.readFileSync(path.join(sources, name, file), 'utf8');
