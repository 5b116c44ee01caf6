import { describe, expect, it } from 'vitest';
import { compactModel, familyOf, modelNames } from '../../../src/config/models.ts';

describe('a deployment', () => {
  it.each([
    [{ name: 'claude-sonnet-5' }, 'claude-sonnet-5'],
    [{ name: 'claude-sonnet-5', supports1m: undefined }, 'claude-sonnet-5'],
    [
      { name: 'claude-sonnet-5', supports1m: false },
      { name: 'claude-sonnet-5', supports1m: false },
    ],
  ])('%j is written in its shortest form', (model, written) => {
    expect(compactModel(model)).toEqual(written);
  });

  it.each([
    [{ name: 'claude-sonnet-5' }, 'sonnet'],
    [{ name: 'PROD-Opus' }, 'opus'],
    [{ name: 'claude-sonnet-5', anthropicFamilyTier: 'haiku' }, 'haiku'],
    [{ name: 'prod-claude' }, undefined],
  ] as const)('%j belongs to the family %s', (model, family) => {
    expect(familyOf(model)).toBe(family);
  });

  it('has a name', () => {
    expect(modelNames([{ name: 'ab' }, { name: 'cd', labelOverride: 'CD' }])).toEqual(['ab', 'cd']);
    expect(modelNames(undefined)).toEqual([]);
  });
});
