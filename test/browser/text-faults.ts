/** Finds text on the page that nobody can read: beside the window, or over other text. Runs in the page. */

/** @returns one line for each fault */
export function textFaults(): readonly string[] {
  interface Piece {
    readonly text: string;
    readonly element: Element;
    readonly box: DOMRect;
    readonly layer: Element | null;
  }
  const faults: string[] = [];
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth)
    faults.push(`the page is ${scrollWidth} px wide in a window of ${clientWidth} px`);

  /** The part of a box that no ancestor cuts off. */
  const visiblePart = (box: DOMRect, element: Element): DOMRect => {
    let [left, top, right, bottom] = [box.left, box.top, box.right, box.bottom];
    for (let one: Element | null = element; one !== null; one = one.parentElement) {
      const { overflowX, overflowY, position } = getComputedStyle(one);
      const clip = one.getBoundingClientRect();
      if (overflowX !== 'visible') [left, right] = [Math.max(left, clip.left), Math.min(right, clip.right)];
      if (overflowY !== 'visible') [top, bottom] = [Math.max(top, clip.top), Math.min(bottom, clip.bottom)];
      if (position === 'fixed') break;
    }
    return new DOMRect(left, top, Math.max(0, right - left), Math.max(0, bottom - top));
  };

  const isShown = (element: Element): boolean =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  /** What sticks to the window covers rows that scroll below it, as it should. */
  const layerOf = (element: Element): Element | null => {
    for (let one: Element | null = element; one !== null; one = one.parentElement)
      if (['sticky', 'fixed'].includes(getComputedStyle(one).position)) return one;
    return null;
  };

  const pieces: Piece[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = node.textContent?.trim() ?? '';
    if (element === null || text === '' || !isShown(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const rect of range.getClientRects()) {
      const box = visiblePart(rect, element);
      if (box.width > 1 && box.height > 1) pieces.push({ text, element, box, layer: layerOf(element) });
    }
  }
  if (pieces.length < 20) faults.push(`expected a page full of text, got ${pieces.length} pieces`);

  /** Line boxes of neighbours touch by a pixel or two. */
  const slack = 3;
  const sorted = pieces.toSorted((a, b) => a.box.top - b.box.top);
  for (const [index, one] of sorted.entries())
    for (let next = index + 1; next < sorted.length; next++) {
      const other = sorted[next] as Piece;
      if (other.box.top > one.box.bottom - slack) break;
      const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const high = Math.min(one.box.bottom, other.box.bottom) - other.box.top;
      if (wide > slack && high > slack && one.element !== other.element && one.layer === other.layer)
        faults.push(
          `"${one.text}" and "${other.text}" overlap by ${Math.round(wide)}×${Math.round(high)} px`,
        );
    }
  return faults;
}
