/**
 * Whether the text matches a shell expression of a PAC file: `*` is any text, `?` one character, everything else itself.
 * It takes at most as many steps as the two lengths multiplied, whatever the pattern; a regular expression may take
 * forever.
 */
export function matchesGlob(text: string, pattern: string): boolean {
  let [at, next] = [0, 0];
  let star: { readonly next: number; at: number } | undefined;
  while (at < text.length) {
    const character = pattern[next];
    if (character === '*') {
      star = { next: next + 1, at };
      next += 1;
    } else if (character === '?' || (character !== undefined && character === text[at])) {
      at += 1;
      next += 1;
    } else if (star !== undefined) {
      // The last star takes one more character.
      star.at += 1;
      at = star.at;
      next = star.next;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(next));
}
