/** The images that the Dockerfile builds on. It takes each as a build argument, whose default is a tag, with a digest or without. */

export interface Base {
  readonly argument: string;
  /** With its tag. */
  readonly image: string;
}

/** @throws where a stage builds on an image that no argument names: a release could not give its digest */
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

/** Whether the Dockerfile gives the digest too: the release then builds on that one, which a review has seen. */
export const isPinned = (image: string): boolean => /@sha256:[0-9a-f]{64}$/.test(image);

/** @throws for what is no digest */
export function pinned(image: string, digest: string): string {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest))
    throw new Error(
      `${image}: expected its digest, sha256:…, from \`docker buildx imagetools inspect\`, got ${JSON.stringify(digest)}; nothing is published without`,
    );
  return `${image}@${digest}`;
}
