// The program for macOS: signed, and checked.
import { readFileSync, writeFileSync } from 'node:fs';
import { adHocSignatureProblems } from './check.ts';
import { signAdHoc } from './sign.ts';

/** What macOS knows the program by. */
export const IDENTIFIER = 'dev.foundry-credential-helper';

/**
 * Signs the file ad hoc, in place. `pkg` only does that where Apple's `codesign` is, and Apple silicon runs nothing
 * without a signature.
 * @throws Error where it can't be signed, or where what was written wouldn't be valid
 */
export function signExecutable(path: string): void {
  writeFileSync(path, signAdHoc(readFileSync(path), IDENTIFIER), { mode: 0o755 });
  const problems = adHocSignatureProblems(readFileSync(path), IDENTIFIER);
  if (problems.length > 0) throw new Error(`the signature of ${path} isn't valid: ${problems.join('; ')}`);
}
