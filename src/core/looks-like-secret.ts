// Recognizes keys, passwords, and tokens in texts that people read, because a value may be in the wrong place.

const PATTERNS: readonly RegExp[] = [
  // Azure's keys are 32 hexadecimal digits or 84 letters and digits. Names of that length rarely have digits.
  /(?=[a-z]*\d[a-z]*\d)[a-z\d]{30,}/i,
  // Anthropic's, GitHub's, and similar keys.
  /\b(?:sk|pk|rk|ghp|gho|ghs|github_pat|xox[a-z])[-_][a-z\d_-]{10,}/i,
  // A JSON Web Token, or the beginning of one.
  /\beyJ[\w-]{8,}/,
  // Base64 of 24 bytes or more, but not a path.
  /^(?!\/)(?=[^\d]*\d)[a-z\d+/]{32,}={0,2}$/i,
  // Random letters, digits, and separators.
  /(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{40,}/,
  /\b(?:password|passwd|pwd|secret|token|api[-_]?key)\s*[=:]\s*\S/i,
];

/** GUIDs are public: they identify tenants and applications. */
const GUID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/gi;

/** Whether a text may hold a key, password, or token. Errs on the side of hiding. */
export function looksLikeSecret(text: string): boolean {
  const rest = text.replaceAll(GUID, '');
  return PATTERNS.some((pattern) => pattern.test(rest));
}

/** Replaces every word that may be a key, password, or token, or a URL with a password in it. */
export function redactWords(text: string): string {
  return text.replaceAll(/[^\s"',;()]+/g, (word) => (isSecretWord(word) ? '(not shown)' : word));
}

const isSecretWord = (word: string): boolean => looksLikeSecret(word) || /(?:^|\/\/)[^/@]*:[^/@]+@/.test(word);

/** Whether an unknown setting's name may be shown. Someone may have pasted a key or a whole command instead. */
export const isShowableName = (name: string): boolean =>
  /^[\p{L}_$][\p{L}\d_.$-]{0,59}$/u.test(name) && !looksLikeSecret(name);
