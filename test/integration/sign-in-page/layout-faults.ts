// What is wrong with the layout of the page that is open: cut off, too wide, or on top of each other.
import type { Page } from 'playwright-core';

/** What doesn't fit, in words; nothing if all is well. */
export function layoutFaults(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    interface Piece {
      readonly element: Element;
      readonly text: string;
      readonly rects: readonly DOMRect[];
    }

    const isShown = (element: Element): boolean =>
      element.checkVisibility({ checkVisibilityCSS: true }) && element.closest('.visually-hidden') === null;

    function pieces(): Piece[] {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const found: Piece[] = [];
      while (walker.nextNode()) {
        const { parentElement: element, textContent } = walker.currentNode;
        const text = textContent?.trim() ?? '';
        if (element === null || text === '' || !isShown(element)) continue;
        const range = document.createRange();
        range.selectNodeContents(walker.currentNode);
        found.push({ element, text, rects: [...range.getClientRects()] });
      }
      return found;
    }

    /** A font's own height is more than its line's, so neighboring lines may touch. */
    function cover(one: DOMRect, other: DOMRect): boolean {
      const width = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const height = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      return width > 2 && height > 0.4 * Math.min(one.height, other.height);
    }

    const all = pieces();
    const width = document.documentElement.clientWidth;
    const outside = all.filter(({ rects }) => rects.some(({ left, right }) => left < 0 || right > width));
    const covered = all.flatMap((one, index) =>
      all
        .slice(index + 1)
        .filter((other) => one.rects.some((rect) => other.rects.some((its) => cover(rect, its))))
        .map((other) => `"${one.text}" and "${other.text}" overlap`),
    );
    const boxes = [...document.body.querySelectorAll('*')].filter(isShown);
    const cut = boxes.filter((element) => {
      const { overflowX, overflowY } = getComputedStyle(element);
      const hides = overflowX !== 'visible' || overflowY !== 'visible';
      return (
        hides && (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1)
      );
    });
    const tight = all.filter(({ element, rects }) => {
      const button = element.closest('.button')?.getBoundingClientRect();
      return (
        button !== undefined && rects.some(({ left, right }) => left < button.left - 1 || right > button.right + 1)
      );
    });
    return [
      ...(document.documentElement.scrollWidth > width ? ['the page scrolls sideways'] : []),
      ...outside.map(({ text }) => `"${text}" is outside of the window`),
      ...tight.map(({ text }) => `"${text}" is wider than its button`),
      ...cut.map((element) => `<${element.tagName.toLowerCase()} class="${element.className}"> is cut off`),
      ...covered,
    ];
  });
}
