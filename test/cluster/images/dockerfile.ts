/** Parses the last stage of a Dockerfile. */

export interface Stage {
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly user: string;
  readonly env: Readonly<Record<string, string>>;
  readonly copies: readonly Copy[];
}

interface Copy {
  /** The stage to copy from. Undefined: the directory of the Dockerfile. */
  readonly stage: string | undefined;
  readonly from: string;
  readonly to: string;
}

/** Instructions that change neither the image's files nor how it starts. */
const silent = ['LABEL', 'ARG', 'EXPOSE'];

/**
 * Parses the instructions that realmem's Dockerfile uses. @throws for any other instruction, because ignoring it would
 * build a wrong image
 */
export function lastStage(text: string): Stage {
  const instructions = instructionsOf(text);
  const start = instructions.findLastIndex(({ name }) => name === 'FROM');
  const stage = {
    entrypoint: [] as string[],
    command: [] as string[],
    user: '',
    env: {},
    copies: [] as Copy[],
  };
  for (const { name, rest } of instructions.slice(start + 1)) {
    if (silent.includes(name)) continue;
    if (name === 'ENTRYPOINT') stage.entrypoint = words(rest);
    else if (name === 'CMD') stage.command = words(rest);
    else if (name === 'USER') stage.user = rest;
    else if (name === 'ENV') Object.assign(stage.env, variables(rest));
    else if (name === 'COPY') stage.copies.push(copy(rest));
    else throw new Error(`Dockerfile: ${name} in the last stage is not understood`);
  }
  return stage;
}

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

function instructionsOf(text: string): readonly Instruction[] {
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line));
  return lines
    .join('\n')
    .replaceAll(/\\\s*\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [name = ''] = line.split(/\s/, 1);
      return { name: name.toUpperCase(), rest: line.slice(name.length).trim() };
    });
}

/** Parses the exec form, which needs no shell. */
function words(rest: string): string[] {
  if (!rest.startsWith('[')) throw new Error(`Dockerfile: expected a list in JSON, got ${rest}`);
  return JSON.parse(rest);
}

function variables(rest: string): Record<string, string> {
  const pairs = [...rest.matchAll(/([^\s=]+)=(?:"([^"]*)"|(\S*))/g)];
  return Object.fromEntries(pairs.map(([, key, quoted, plain]) => [key, quoted ?? plain ?? '']));
}

function copy(rest: string): Copy {
  const parts = rest.split(/\s+/);
  const flag = parts[0]?.startsWith('--') ? parts.shift() : undefined;
  const [, stage] = flag === undefined ? [] : (/^--from=(\S+)$/.exec(flag) ?? []);
  const [from, to, ...more] = parts;
  if (
    from === undefined ||
    to === undefined ||
    more.length > 0 ||
    (flag !== undefined && stage === undefined)
  )
    throw new Error(`Dockerfile: COPY ${rest} is not understood`);
  return { stage, from, to };
}
