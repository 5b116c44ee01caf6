// What Entra's numbers and suberrors mean is said in one place.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';
import { errorCatalog } from '../../src/core/errors.ts';
import { EXPLANATIONS, OAUTH_ERRORS, SUBERRORS } from '../../src/entra/replies/aadsts.ts';

const TABLE = 'entra/replies/aadsts.ts';
const source = join(projectFolder, 'src');

/** Numbers and quoted texts of a file, without its comments. */
function literalsOf(path: string): readonly string[] {
  const text = readFileSync(join(source, path), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|(?<![:'"])\/\/.*/g, '');
  return text.match(/(?<![\w.])\d[\d_]*(?![\w.])|(?<=['"`])[a-z_]+(?=['"`])|AADSTS\d+/g) ?? [];
}

const others = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.ts') && path !== TABLE,
);

describe("the table of Entra's errors", () => {
  it('has every number that the product names', () => {
    const numbers = new Set([...EXPLANATIONS.keys()].filter((number) => number > 9_999).map(String));
    const named = others.flatMap((path) =>
      literalsOf(path).flatMap((literal) => (numbers.has(literal.replaceAll('_', '')) ? [`${path}: ${literal}`] : [])),
    );
    // Microsoft numbers a few errors with round figures that other things have too.
    expect(named.filter((line) => !/: \d{1,2}_?000$/.test(line))).toEqual([]);
  });

  it('has every suberror that the product decides by, except for the one that ends a sign-in', () => {
    const named = others.flatMap((path) =>
      literalsOf(path).flatMap((literal) =>
        SUBERRORS.has(literal) && !OAUTH_ERRORS.has(literal) ? [`${path}: ${literal}`] : [],
      ),
    );
    expect(named).toEqual(['entra/replies/map-error.ts: bad_token', 'entra/replies/map-error.ts: bad_token']);
  });

  it('has each number once, and only codes that exist', () => {
    const text = readFileSync(join(source, TABLE), 'utf8');
    const written = [...text.matchAll(/\[\s*\[([\d,\s]+)\]/g)].flatMap(([, list = '']) => list.match(/\d+/g) ?? []);
    expect(written.map(Number).toSorted((a, b) => a - b)).toEqual([...EXPLANATIONS.keys()].toSorted((a, b) => a - b));
    for (const { code, atSignIn = code } of [
      ...EXPLANATIONS.values(),
      ...SUBERRORS.values(),
      ...OAUTH_ERRORS.values(),
    ]) {
      expect(errorCatalog).toHaveProperty(code);
      expect(errorCatalog).toHaveProperty(atSignIn);
    }
  });

  it('ends a sign-in only with a code that says so', () => {
    for (const [number, { code, end }] of EXPLANATIONS) {
      expect(end !== undefined, String(number)).toBe(['ERR_SIGN_IN_ENDED', 'ERR_DEVICE_CODE_BLOCKED'].includes(code));
    }
  });
});
