import type { ClaudeCodeSession } from '../ipc/protocol.ts';

/** Claude Code's documented default of CLAUDE_CODE_API_KEY_HELPER_TTL_MS. */
const DEFAULT_TTL_MS = 300_000;

/**
 * The process of Claude Code that runs this one as its `apiKeyHelper`
 * (https://code.claude.com/docs/en/settings: it inherits Claude Code's environment and gets no arguments).
 * Each has its own socket. An older one without a socket is known by its process, with or without a shell in between.
 */
export function claudeCodeSession(env: NodeJS.ProcessEnv, parentPid: number): ClaudeCodeSession {
  const ttlMs = Number(env['CLAUDE_CODE_API_KEY_HELPER_TTL_MS']);
  return {
    session: env['CLAUDE_CODE_MESSAGING_SOCKET'] ?? `process ${parentPid}`,
    ttlMs: Number.isFinite(ttlMs) && ttlMs > 0 ? ttlMs : DEFAULT_TTL_MS,
  };
}
