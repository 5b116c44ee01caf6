// The page knows what to tell the employee for every error that can end a sign-in, and for no other.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';
import { type ErrorCode, errorCatalog } from '../../src/core/errors.ts';

/** What a sign-in runs through: everything it throws comes from here. */
const SIGN_IN_PATH = ['src/entra', 'src/agent/sign-in', 'src/sign-in-page/server'];

/** Thrown elsewhere, and let through by these files. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  ERR_ACCOUNT_REASSIGNED: 'account-rule.ts: the account signs in that has the configured name now',
  ERR_SIGN_IN_REQUIRED: 'token-refresher.ts: someone signs out while the new sign-in is being stored',
};

/** Named on the way, but without a text on the page. */
const WITHOUT_TEXT: Readonly<Record<string, string>> = {
  ERR_SIGN_IN_DECLINED: 'has a panel of its own',
  ERR_SIGN_IN_CODE_EXPIRED: 'has a panel of its own',
  ERR_SIGN_IN_CANCELLED: 'has a panel of its own',
  ERR_SIGN_IN_OTHER_ACCOUNT: 'has a panel of its own',
};

function codesIn(folder: string): string[] {
  return readdirSync(join(projectFolder, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => readFileSync(join(projectFolder, folder, path), 'utf8').match(/(?<=')ERR_[A-Z_]+(?=')/g) ?? [])
    .filter((code) => Object.hasOwn(errorCatalog, code));
}

describe("the page's errors", () => {
  it("are those that a sign-in can throw, apart from those that don't need a text", () => {
    const thrown = new Set([...SIGN_IN_PATH.flatMap(codesIn), ...Object.keys(ELSEWHERE)]);
    const shown = (Object.keys(errorCatalog) as ErrorCode[]).filter((code) => errorCatalog[code].page !== undefined);
    expect([...shown, ...Object.keys(WITHOUT_TEXT)].toSorted()).toEqual([...thrown].toSorted());
  });
});
