/** Labels above a bar, in as few lines as hold them without an overlap. */

export interface Label {
  readonly kind: string;
  readonly text: string;
  /** Place of its mark, 0 to 1. */
  readonly share: number;
  /** The label ends at its mark: on the right half there is no room behind it. */
  readonly isBefore: boolean;
  /** 0 is the uppermost. */
  readonly line: number;
}

/** Width of a character in proportion to the narrowest bar, that of a phone. */
const characterShare = 7 / 320;

export function placeLabels(given: readonly Pick<Label, 'kind' | 'text' | 'share'>[]): readonly Label[] {
  /** By line: the intervals that are taken. */
  const lines: (readonly [from: number, to: number])[][] = [];
  return given.map(({ kind, text, share }) => {
    const width = (text.length + 1) * characterShare;
    const isBefore = share > 0.5;
    const [from, to] = isBefore ? [share - width, share] : [share, share + width];
    const isFree = (line: number): boolean =>
      (lines[line] ?? []).every(([start, end]) => to <= start || from >= end);
    let line = 0;
    while (!isFree(line)) line++;
    lines[line] = [...(lines[line] ?? []), [from, to]];
    return { kind, text, share, isBefore, line };
  });
}
