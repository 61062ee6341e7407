/** The base images of the Dockerfile. Each is a build argument whose default is a tag, with or without a digest. */

export interface Base {
  readonly argument: string;
  /** Name and tag. */
  readonly image: string;
}

/** @throws if a stage uses an image that no build argument names, because a release could not pass its digest */
export function basesIn(dockerfile: string): readonly Base[] {
  const bases = [...dockerfile.matchAll(/^ARG (\w+_IMAGE)=(\S+)$/gm)].map(
    ([, argument = '', image = '']): Base => ({ argument, image }),
  );
  const stages = [...dockerfile.matchAll(/^FROM (\S+)(?: AS (\S+))?$/gm)];
  for (const [line, from] of stages)
    if (
      !bases.some(({ argument }) => from === `\${${argument}}`) &&
      !stages.some(([, , name]) => name !== undefined && name === from)
    )
      throw new Error(`Dockerfile: expected FROM \${…_IMAGE} with an ARG of that name, got ${line}`);
  return bases;
}

/** Whether the Dockerfile has the digest too. A release then uses that digest, because a review has seen it. */
export const isPinned = (image: string): boolean => /@sha256:[0-9a-f]{64}$/.test(image);

/** @throws if the digest is invalid */
export function pinned(image: string, digest: string): string {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest))
    throw new Error(
      `${image}: expected its digest, sha256:…, from \`docker buildx imagetools inspect\`, got ${JSON.stringify(digest)}; nothing is published`,
    );
  return `${image}@${digest}`;
}
