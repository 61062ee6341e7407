/** A mount of a cgroup hierarchy. */

export interface CgroupMount {
  readonly version: 1 | 2;
  /** As the process sees it, the kernel's octal escapes undone. */
  readonly mountPoint: string;
  /** The part of the hierarchy that is mounted: `/` but for bind mounts of a subtree. */
  readonly root: string;
  /** v1: the controllers on this hierarchy (named ones have none). */
  readonly controllers: readonly string[];
}
