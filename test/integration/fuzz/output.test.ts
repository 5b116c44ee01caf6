// Whatever comes in: what is printed is a token line, JSON that was configured, or one line of visible text.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { helperOutput } from '../../../src/agent/output.ts';
import { jsonText, printable, printableLayout } from '../../../src/core/printable.ts';
import { Secret } from '../../../src/core/secret.ts';
import { isTokenText } from '../../../src/core/token-text.ts';
import { outputIn } from '../../../src/helper/caller.ts';
import { check, json, jsonObject, TIMEOUT_MS, text } from './support.ts';

/** RFC 6750 section 2.1. */
const TOKEN_LINE = /^[A-Za-z0-9._~+/-]+=*$/;
/** What a terminal may act on instead of showing it. */
const ACTIVE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}\u200b\u2060-\u2064\ufeff\u{e0001}-\u{e007f}]/u;

/** Texts full of the characters that matter, next to ordinary ones. */
const nasty = fc.oneof(
  text,
  fc.string({
    unit: fc.constantFrom('a', '\u001b', '[', '\n', '\u009b', '\u202e', '\u200d', '\ud83d', '\udc69', '{', '"'),
  }),
  fc.array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 20 }).map((points) => String.fromCodePoint(...points)),
);
const token = fc.string({ unit: fc.constantFrom(...'aZ0-._~+/'), minLength: 1 });

describe('a helper', { timeout: TIMEOUT_MS }, () => {
  it('extracts a token line from any answer, or JSON if that is configured', () =>
    check(
      fc.property(
        fc.oneof(
          json,
          jsonObject({
            output: fc.oneof(
              nasty,
              token,
              json.map(String),
              json.map((value) => JSON.stringify(value)),
            ),
          }),
          jsonObject({
            output: json.map((value) => JSON.stringify(value)),
            format: fc.constantFrom('json', 'token', 1),
          }),
        ),
        (result) => {
          const output = outputIn(result);
          if (output === undefined || TOKEN_LINE.test(output)) return;
          expect(result).toMatchObject({ format: 'json' });
          expect(output).toMatch(/^\{[ -~]+\}$/);
        },
      ),
    ));

  it('gets from the agent the bare token, or JSON that says the same', () =>
    check(
      fc.property(token, fc.dictionary(fc.constantFrom('x-a', 'x-b'), nasty), (value, headers) => {
        const secret = new Secret(value);
        expect(outputIn(helperOutput(secret, { outputFormat: 'token', headers }))).toBe(value);
        const output = outputIn(helperOutput(secret, { outputFormat: 'json', headers }));
        expect(JSON.parse(output ?? '')).toEqual({ token: value, headers: { ...headers } });
      }),
    ));

  it('knows a token from any other text', () =>
    check(
      fc.property(fc.oneof(nasty, token), (value) => {
        expect(isTokenText(value)).toBe(TOKEN_LINE.test(value));
      }),
    ));
});

describe('any text', { timeout: TIMEOUT_MS }, () => {
  it("is one line of visible characters once it's printable, and stays that way", () =>
    check(
      fc.property(nasty, fc.integer({ min: 1, max: 60 }), (value, max) => {
        const shown = printable(value);
        expect(shown).not.toMatch(ACTIVE);
        expect(printable(shown)).toBe(shown);
        expect(printableLayout(shown)).toBe(shown);
        const cut = printable(value, max);
        expect(cut).not.toMatch(ACTIVE);
        expect(cut.length).toBeLessThanOrEqual(max + 3);
      }),
    ));

  it('is the same JSON, without a character that a terminal acts on', () =>
    check(
      fc.property(fc.oneof(json, nasty, fc.dictionary(nasty, nasty)), (value) => {
        const shown = jsonText(value);
        expect(shown).not.toMatch(ACTIVE);
        expect(JSON.stringify(JSON.parse(shown))).toBe(JSON.stringify(value));
        expect(JSON.parse(jsonText(value, 2))).toEqual(JSON.parse(shown));
      }),
    ));
});
