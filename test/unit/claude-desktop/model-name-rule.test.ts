import { describe, expect, it } from 'vitest';
import { modelNameFault } from '../../../src/claude-desktop/model-name-rule.ts';

describe('modelNameFault', () => {
  it.each([
    'claude-sonnet-5',
    'Claude-Opus-4-8',
    'prod-SONNET',
    'anthropic/anything',
    'haiku',
    'opus-4.5',
    'team-fable',
    'mythos-1',
    'claude-sonnet-5[1m]',
    // Tokens that count only at a word boundary.
    'linguist-claude',
    'unicorn-claude',
    'am2.claude',
    'claude-ods-1',
  ])('accepts %s', (name) => {
    expect(modelNameFault(name)).toBeUndefined();
  });

  it.each(['', 'model-a', 'production', 'large-model', 'sonett-5'])(
    'drops "%s", which doesn’t mention Claude',
    (name) => {
      expect(modelNameFault(name)).toBe('dropped');
    },
  );

  it.each([
    'gpt-4',
    'GPT-4',
    'my-claude-gpt',
    'claude-phi-x',
    'claudephi3',
    'opus-yi-2',
    'solar-claude',
    'claude-nova-lite',
    'seed-claude',
    'arctic-sonnet',
    'granite-claude',
    'mercury-opus',
    'ling-claude',
    'claude-unic',
    'claude-m2.1',
    'claude@k2.5',
    'claude-ds-1',
    'Command-R-Claude',
    'step-3-claude',
  ])('refuses %s, which contains another vendor’s token', (name) => {
    expect(modelNameFault(name)).toBe('refused');
  });
});
