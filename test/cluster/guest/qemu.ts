/** The machine that QEMU emulates, so that a test has a node with cgroup v2 and needs no KVM. */

interface Emulated {
  readonly kernel: string;
  readonly initrd: string;
  readonly memoryMiB: number;
  /** The kernel passes parameters that it does not know to the first process as environment variables. */
  readonly parameters?: readonly string[];
}

/** Arguments of QEMU, to which those of devices are added. The guest's console is standard output. */
export const emulated = ({ kernel, initrd, memoryMiB, parameters = [] }: Emulated): readonly string[] => [
  ...['-M', 'q35,hpet=off,usb=off,vmport=off,graphics=off', '-nodefaults', '-no-user-config', '-no-reboot'],
  ...['-accel', 'tcg,thread=multi,tb-size=512', '-cpu', 'max', '-smp', '2', '-m', String(memoryMiB)],
  ...['-kernel', kernel, '-initrd', initrd, '-append', [...always, ...parameters].join(' ')],
  ...['-display', 'none', '-serial', 'stdio', '-monitor', 'none'],
];

const always = [
  'console=ttyS0 quiet loglevel=4 panic=-1',
  'cgroup_no_v1=all apparmor=0 mitigations=off random.trust_cpu=on tsc=reliable',
];
