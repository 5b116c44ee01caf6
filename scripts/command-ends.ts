/** How a command ends. */
export interface CommandEnd {
  /** Its exit codes besides 0, 2 for a wrong command line, and 1 for an output that can't be written. */
  readonly exits: readonly number[];
  /** Seconds after which it has ended, on a computer that isn't busy; undefined if it waits for someone. */
  readonly seconds?: number;
  /** It prints what it found or did on stdout even if it fails. */
  readonly prints?: true;
}

/** Every reason why there may be no token. */
const TOKEN = [3, 4, 5, 6, 7, 8, 9];

/** By the command's words; '' is the program itself, as Claude Desktop runs it. */
export const COMMAND_ENDS: Readonly<Record<string, CommandEnd>> = {
  '': { exits: TOKEN, seconds: 60 },
  login: { exits: TOKEN },
  logout: { exits: [3, 6, 8], seconds: 60 },
  status: { exits: [1, ...TOKEN], seconds: 30, prints: true },
  token: { exits: TOKEN, seconds: 90 },
  exec: { exits: [...TOKEN, 126, 127] },
  headers: { exits: TOKEN, seconds: 10 },
  'git-credential': { exits: TOKEN, seconds: 10 },
  'claude-code': { exits: [], seconds: 10 },
  'claude-code configure': { exits: [1, 3], seconds: 10 },
  'claude-code remove': { exits: [1, 3], seconds: 10 },
  'claude-code status': { exits: [3], seconds: 10, prints: true },
  'claude-code token': { exits: TOKEN, seconds: 60 },
  'claude-desktop': { exits: [], seconds: 10 },
  'claude-desktop configure': { exits: [1, 3], seconds: 10 },
  'claude-desktop status': { exits: [3], seconds: 10, prints: true },
  'claude-desktop remove': { exits: [1, 3], seconds: 10 },
  // The agent ends the process that checks after 300 s.
  doctor: { exits: [1], seconds: 360, prints: true },
  report: { exits: [1], seconds: 360 },
  diagnose: { exits: [1], seconds: 300, prints: true },
  'keystore-probe': { exits: [1, 137], seconds: 60, prints: true },
  config: { exits: [], seconds: 10 },
  'config show': { exits: [3], seconds: 10, prints: true },
  'config validate': { exits: [1, 3], seconds: 10, prints: true },
  'config init': { exits: [1, 3], prints: true },
  'config export': { exits: [1, 3], seconds: 10 },
  agent: { exits: [], seconds: 10 },
  'agent run': { exits: [6] },
  'agent start': { exits: [6], seconds: 60 },
  'agent stop': { exits: [6], seconds: 10 },
  'agent status': { exits: [6], seconds: 30, prints: true },
  'agent install': { exits: [1, 6], seconds: 60, prints: true },
  'agent uninstall': { exits: [1, 6, 8], seconds: 60, prints: true },
  completion: { exits: [], seconds: 10 },
  version: { exits: [], seconds: 10 },
};
