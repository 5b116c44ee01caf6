import { describe, expect, it } from 'vitest';
import { compareVersions } from '../../../src/core/version.ts';

describe('compareVersions', () => {
  it.each([
    ['1.2581.0', '2.110.0'],
    ['2.110.0', '2.2553.0'],
    ['2.9939.2', '2.16120.0'],
    ['1.24012.9', '1.24012.11'],
    ['2.2553.0', '2.2553.1.0'],
    ['2.2553', '2.2553.1'],
  ])('%s is older than %s', (older, newer) => {
    expect(compareVersions(older, newer)).toBeLessThan(0);
    expect(compareVersions(newer, older)).toBeGreaterThan(0);
  });

  it.each([
    ['2.110.0', '2.110.0'],
    ['2.110', '2.110.0'],
    ['2.2553.1', '2.2553.1.0.0'],
    ['1.2.3', '1.2.3-beta'],
    ['0.0', ''],
  ])('%s is the same as %s', (a, b) => {
    expect(compareVersions(a, b)).toBe(0);
    expect(compareVersions(b, a)).toBe(0);
  });
});
