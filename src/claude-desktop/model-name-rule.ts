// Which model names Claude Desktop keeps. Source: the configuration schema in @anthropic-ai/claude-code, version 2.1.332.

/** A name must contain one of these. */
const CLAUDE_TOKENS = ['claude', 'anthropic', 'haiku', 'sonnet', 'opus', 'fable', 'mythos'];

/** Tokens of other model families, anywhere in the name. */
const OTHER_FAMILIES = [
  'abab',
  'amazon.nova',
  'arcee',
  'arctic',
  'ark-code',
  'astron',
  'bytedance',
  'codex',
  'command-r',
  'deepseek',
  'devstral',
  'doubao',
  'dpsk',
  'ernie',
  'gemini',
  'gemma',
  'glm',
  'gpt',
  'granite',
  'grok',
  'hermes',
  'hunyuan',
  'hy3',
  'jamba',
  'kat-coder',
  'kimi',
  'lfm',
  'llama',
  'longcat',
  'mercury',
  'mimo',
  'minimax',
  'ministral',
  'mistral',
  'mixtral',
  'moonshot',
  'nemotron',
  'nova-',
  'openai',
  'phi-',
  'qianfan',
  'qwen',
  'seed-',
  'solar',
  'step-3',
  'stepfun',
  'tc-code',
  'trinity',
  'yi-',
  'zamba',
];

/** Tokens of other model families that count only at a word boundary or before a digit. */
const OTHER_FAMILY_WORDS = /\bling\b|\bunic\b|\bk2\.|\bm2\.|\bds-|phi\d/;

/**
 * Why Claude Desktop wouldn't offer a model name in `inferenceModels`, or undefined if it would. Case doesn't matter. The
 * rule applies to the providers anthropic, foundry, gateway, and mantle.
 *
 * - `dropped`: the name doesn't mention Claude or one of its model families.
 * - `refused`: the name contains another vendor's token, even if it also mentions Claude.
 *
 * Claude Desktop removes both from its list. If no model would remain, it keeps the whole list.
 */
export function modelNameFault(name: string): 'dropped' | 'refused' | undefined {
  const lower = name.toLowerCase();
  if (OTHER_FAMILIES.some((token) => lower.includes(token)) || OTHER_FAMILY_WORDS.test(lower)) return 'refused';
  return CLAUDE_TOKENS.some((token) => lower.includes(token)) ? undefined : 'dropped';
}
