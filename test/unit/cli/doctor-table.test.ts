// What a person sees of doctor, and what a script does.
import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { DoctorTable } from '../../../src/cli/doctor-table.ts';
import { textWidth } from '../../../src/cli/wrap.ts';
import type { Finding } from '../../../src/doctor/check.ts';
import { byUrgency } from '../../../src/doctor/verdict.ts';

const ok: Finding = { id: 'folders', title: 'Folders', state: 'ok', detail: 'protected' };
const notNeeded: Finding = { id: 'clock', title: 'Clock', state: 'skip', detail: 'not needed', notNeeded: true };
const warning: Finding = {
  id: 'desktop-profile',
  title: "Claude Desktop's profile",
  state: 'warn',
  detail: 'inferenceCredentialHelperSilentRefreshEnabled is off',
  remedy: 'remove the key or set it to true',
};
const failure: Finding = {
  id: 'proxy',
  title: 'Proxy',
  state: 'fail',
  detail: 'https://login.microsoftonline.com/00000000-1111-4222-8333-444444444444 goes through proxy.contoso.com:8080',
  remedy: 'give the user name and password in "proxy"',
};
const blocked: Finding = {
  id: 'tls',
  title: 'TLS',
  state: 'skip',
  detail: '"Proxy" failed',
  facts: { blockedBy: 'proxy' },
};
const blockedByBlocked: Finding = { ...blocked, id: 'clock', title: 'Clock', facts: { blockedBy: 'tls' } };
const untested: Finding = { id: 'foundry-endpoint', title: 'Foundry endpoint', state: 'skip', detail: "isn't tested" };
const inconclusive: Finding = { ...ok, id: 'role', title: 'Foundry role', facts: { judged: false } };

/** What is on the screen at the end: a line that was cleared is gone. */
function shown(findings: readonly Finding[], columns?: number, options?: { readonly mentionsReport: boolean }): string {
  let text = '';
  const stream = Object.assign(new Writable(), { isTTY: columns !== undefined, columns });
  const table = new DoctorTable(stream as unknown as NodeJS.WriteStream, (part) => {
    text += part;
  });
  for (const finding of findings) {
    table.started(finding);
    table.finished(finding);
  }
  table.finish(options);
  const screen = text.split('\n').map((line) => line.split('\r').at(-1) ?? '');
  return stripVTControlCharacters(screen.join('\n'));
}

describe('on a terminal', () => {
  it('shows the problems with their remedies last, the failure just above what to do next', () => {
    expect(shown([ok, failure, blocked, warning], 100)).toMatchInlineSnapshot(`
      "ok    Folders                       protected
      FAIL  Proxy                         see below
      skip  TLS                           "Proxy" failed
      WARN  Claude Desktop's profile      see below

      WARN  Claude Desktop's profile
            inferenceCredentialHelperSilentRefreshEnabled is off
            remedy: remove the key or set it to true

      FAIL  Proxy
            https://login.microsoftonline.com/00000000-1111-4222-8333-444444444444 goes through
            proxy.contoso.com:8080
            remedy: give the user name and password in "proxy"

      1 problem: fix "Proxy" (see above), then run "foundry-credential-helper doctor" again.
      1 warning: "Claude Desktop's profile".
      For support: "foundry-credential-helper report" writes all of this and the log into one file.
      "
    `);
  });

  it('keeps whole words at any width from 20 to 300 columns', () => {
    for (let columns = 20; columns <= 300; columns++) {
      const lines = shown([ok, failure, blocked, warning], columns).split('\n');
      for (const line of lines) expect(textWidth(line), line).toBeLessThanOrEqual(columns);
      const words = new Set(lines.join('\n').split(/\s+/));
      for (const word of `${failure.detail} ${'remedy' in failure ? failure.remedy : ''}`.split(' ')) {
        if (word.length <= columns) expect(words, `${columns} columns`).toContain(word);
      }
    }
  });
});

describe('without a terminal', () => {
  it('writes each finding once, each text on one line', () => {
    expect(shown([ok, failure, blocked, warning])).toMatchInlineSnapshot(`
      "ok    Folders                       protected
      skip  TLS                           "Proxy" failed
      WARN  Claude Desktop's profile      inferenceCredentialHelperSilentRefreshEnabled is off
            remedy: remove the key or set it to true
      FAIL  Proxy                         https://login.microsoftonline.com/00000000-1111-4222-8333-444444444444 goes through proxy.contoso.com:8080
            remedy: give the user name and password in "proxy"

      1 problem: fix "Proxy" (see above), then run "foundry-credential-helper doctor" again.
      1 warning: "Claude Desktop's profile".
      For support: "foundry-credential-helper report" writes all of this and the log into one file.
      "
    `);
  });

  it('leaves out the hint to the report if it is the report that is being written', () => {
    expect(shown([failure])).toContain('For support');
    expect(shown([failure], undefined, { mentionsReport: false })).not.toContain('For support');
  });
});

describe('the summary', () => {
  const summaryOf = (...findings: readonly Finding[]) => shown(findings).split('\n\n').at(-1);

  it.each([
    ['finds nothing', [ok, notNeeded], 'No problems found (2 checks).\n'],
    [
      'names the warning to fix where nothing fails',
      [ok, warning],
      '1 warning: fix "Claude Desktop\'s profile" (see above), then run "foundry-credential-helper doctor" again.\n',
    ],
    [
      'says what was not judged, and not that there is no problem',
      [ok, untested, inconclusive],
      '1 of 3 checks found no problem.\nCouldn\'t be checked: "Foundry endpoint", "Foundry role".\n',
    ],
    [
      'names the failure to fix first',
      [failure, blocked, blockedByBlocked, { ...failure, id: 'keystore', title: 'Keystore' }, untested],
      '2 problems: first fix "Proxy" (see above), then run "foundry-credential-helper doctor" again.\nCouldn\'t be checked: "Foundry endpoint".\nFor support: "foundry-credential-helper report" writes all of this and the log into one file.\n',
    ],
  ] as const)('%s', (_, findings, expected) => {
    expect(summaryOf(...findings)).toBe(expected);
  });
});

it('sorts failures before warnings before skipped checks before the rest', () => {
  const ids = byUrgency([ok, blocked, warning, notNeeded, failure]).map(({ id }) => id);
  expect(ids).toEqual(['proxy', 'desktop-profile', 'tls', 'clock', 'folders']);
});
