import type { ErrorSpec } from './spec.ts';

export const AGENT_ERRORS = {
  ERR_AGENT_UNREACHABLE: {
    category: 'agent',
    message: "the agent didn't answer",
    hint: 'try again; if it happens again, run "foundry-credential-helper agent stop", which also ends an agent that hangs',
    retryable: true,
  },
  ERR_AGENT_NOT_RUNNING: {
    category: 'agent',
    message: "the agent isn't running",
    hint: 'no action needed: it starts when Claude Desktop asks for a token, or with "foundry-credential-helper agent start"',
  },
  ERR_AGENT_LOCKED: {
    category: 'agent',
    message: "another computer holds the lock of the agent's folder, or locks don't work there",
    hint: 'if your home folder is on a network drive, run "foundry-credential-helper agent stop" on the other computer, or set XDG_STATE_HOME for all your sessions to a folder on a local disk',
  },
  ERR_AGENT_UNTRUSTED: {
    category: 'agent',
    message: "a place that this program uses belongs to, or isn't protected from, another user",
    hint: 'if the named path is yours, run "chmod go-w" on it, or delete it if something else should be there; if a run with sudo left it, run sudo chown -R "$USER" on it; if it\'s someone else\'s, tell your IT department',
  },
  ERR_AGENT_VERSION: {
    category: 'agent',
    message: 'the running agent is a different version',
    hint: 'use only the newest version of foundry-credential-helper that is installed, or run "foundry-credential-helper agent stop" and try again',
    retryable: true,
  },
  ERR_AGENT_PROTOCOL: {
    category: 'agent',
    message: "the agent and this program don't understand each other",
    hint: 'run "foundry-credential-helper agent stop" and try again',
  },
  ERR_AGENT_START: {
    category: 'agent',
    message: "the agent couldn't be started",
    hint: 'run "foundry-credential-helper agent run" in a terminal to see why',
    retryable: true,
  },
  ERR_AGENT_DIAGNOSIS: {
    category: 'agent',
    message: "the agent couldn't run doctor's checks",
    hint: 'run "foundry-credential-helper agent stop" and try again',
  },
  ERR_STATE_UNWRITABLE: {
    category: 'agent',
    message: "the agent's folder can't be used",
    hint: "free disk space, fix the named folder's permissions, or delete what's in its place",
  },
} as const satisfies Record<string, ErrorSpec>;
