import type { ErrorSpec } from './spec.ts';

export const USAGE_ERRORS = {
  ERR_INTERNAL: {
    category: 'internal',
    message: 'unexpected failure',
    hint: 'try again; if it happens again, run "foundry-credential-helper report" and send the file that it writes to support',
    retryable: true,
    page: 'unexpected',
  },
  ERR_USAGE: {
    category: 'usage',
    message: "this command can't be used this way",
    hint: 'run "foundry-credential-helper --help"',
  },
  ERR_ROOT_IN_USER_HOME: {
    category: 'usage',
    message: "root can't run this program in another user's home folder",
    hint: 'run it without sudo; in a script that runs as root, run it as the user: sudo -H -u USER foundry-credential-helper ...',
  },
  ERR_CANCELLED: {
    category: 'incomplete',
    message: 'canceled before it was done',
    hint: 'nothing was written; start again',
  },
  ERR_FILE_EXISTS: {
    category: 'usage',
    message: "a file with this name already exists and wasn't overwritten",
    hint: 'choose another place, or delete the file; if the command has the option --force, it replaces the file',
  },
  ERR_FILE_UNWRITABLE: {
    category: 'incomplete',
    message: "a file can't be written",
    hint: "free disk space, fix the folder's permissions, or choose another place",
  },
  ERR_OUTPUT_UNWRITABLE: {
    category: 'incomplete',
    message: "the output can't be written",
    hint: 'free disk space, or check the file or program that the output goes to, then try again',
  },
  ERR_API_KEY_INVALID: {
    category: 'usage',
    message: "that doesn't look like an API key",
    hint: 'copy only the key, on one line: Azure shows it under "Keys and Endpoint" in the Foundry resource',
  },
  ERR_AUTOSTART: {
    category: 'incomplete',
    message: "the agent's autostart can't be changed",
    hint: 'fix what the message names, then try again; without autostart, the agent starts when Claude Desktop asks for a token',
  },
} as const satisfies Record<string, ErrorSpec>;
