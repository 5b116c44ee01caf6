/**
 * Splits a user code into groups of at most four characters, which are easier to read; joined, they are the exact code.
 * A code with its own hyphens is split after them (RFC 8628 section 6.1 leaves the form to the server).
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

/** Separates the characters, so a screen reader spells the code instead of pronouncing it. */
export function spellUserCode(code: string): string {
  return [...code].join(' ');
}
