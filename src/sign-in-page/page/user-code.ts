/**
 * Splits a user code into groups of at most four characters for the eye; joined, they are the exact code. A code that
 * brings its own hyphens is split behind them (RFC 8628 section 6.1 leaves the form to the server).
 */
export function groupUserCode(code: string): string[] {
  if (code.includes('-')) return code.split(/(?<=-)/);
  const characters = [...code];
  const count = Math.ceil(characters.length / 4);
  const groups: string[] = [];
  for (let left = count; left > 0; left -= 1) {
    groups.push(characters.splice(0, Math.ceil(characters.length / left)).join(''));
  }
  return groups;
}

/** One character at a time, so that a screen reader spells the code and does not try to pronounce it. */
export function spellUserCode(code: string): string {
  return [...code].join(' ');
}
