// How the sweep calls each command. Those that remove something come last: the ones after them would find nothing.

export interface Call {
  /** `{new}` is a path that doesn't exist. */
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** It runs until someone stops it. */
  readonly runsOn?: true;
}

const helper = (context: string): Call => ({ args: [], env: { CLAUDE_HELPER_CONTEXT: context } });
const plain = (...args: readonly string[]): Call => ({ args });

/** Has `config init` replace the file, with the values that it offers, and export nothing. */
const FOUNDRY = 'https://cognitiveservices.azure.com';
const ANSWERS = `yes${'\n'.repeat(40)}`;

/** By the command's words; '' is the program itself. */
export const CALLS: Readonly<Record<string, readonly Call[]>> = {
  '': [
    helper('background'),
    helper('mid-session-refresh'),
    helper('interactive'),
    plain('--help'),
    plain('--version'),
    plain('no-such-command'),
    plain('status', '--no-such-option'),
  ],
  version: [plain('version'), plain('version', '--json')],
  completion: [plain('completion', 'bash'), plain('completion', 'no-such-shell')],
  status: [plain('status'), plain('status', '--json'), plain('status', '--mdm')],
  token: [plain('token'), plain('token', '--json')],
  exec: [plain('exec', '--', 'true'), plain('exec', '--', 'no-such-command')],
  headers: [
    plain('headers'),
    plain('headers', '--resource', FOUNDRY),
    plain('headers', '--resource', 'api://no-such-resource'),
  ],
  'git-credential': [
    {
      args: ['git-credential', '--host', 'git.contoso.com', '--resource', FOUNDRY, 'get'],
      stdin: 'protocol=https\nhost=git.contoso.com\n\n',
    },
    {
      args: ['git-credential', '--host', 'git.contoso.com', '--resource', FOUNDRY, 'get'],
      stdin: 'protocol=https\nhost=git.fabrikam.com\n\n',
    },
    plain('git-credential', '--host', 'git.contoso.com', '--resource', FOUNDRY, 'erase'),
    plain('git-credential', '--host', 'https://git.contoso.com', '--resource', FOUNDRY, 'get'),
    plain('git-credential', '--host', 'git.contoso.com', 'get'),
  ],
  config: [plain('config')],
  'config show': [plain('config', 'show'), plain('config', 'show', '--json')],
  'config validate': [
    plain('config', 'validate'),
    plain('config', 'validate', '--json'),
    plain('config', 'validate', '/nonexistent'),
  ],
  'config init': [{ args: ['config', 'init'] }, { args: ['config', 'init'], stdin: ANSWERS }],
  'config export': [
    plain('config', 'export', '{new}'),
    plain('config', 'export', '{new}', '--json'),
    plain('config', 'export', '/dev/null/folder'),
  ],
  'claude-code': [plain('claude-code')],
  'claude-code token': [plain('claude-code', 'token')],
  'claude-code configure': [plain('claude-code', 'configure')],
  'claude-code status': [plain('claude-code', 'status'), plain('claude-code', 'status', '--json')],
  'claude-code remove': [plain('claude-code', 'remove')],
  'claude-desktop': [plain('claude-desktop')],
  'claude-desktop configure': [plain('claude-desktop', 'configure')],
  'claude-desktop status': [plain('claude-desktop', 'status'), plain('claude-desktop', 'status', '--json')],
  'claude-desktop remove': [plain('claude-desktop', 'remove')],
  doctor: [plain('doctor'), plain('doctor', '--json'), plain('doctor', '--explain', 'AADSTS50105')],
  report: [plain('report', '{new}'), plain('report', '/dev/null')],
  'keystore-probe': [plain('keystore-probe')],
  diagnose: [plain('diagnose')],
  agent: [plain('agent')],
  'agent start': [plain('agent', 'start')],
  'agent run': [{ args: ['agent', 'run'], runsOn: true }, plain('agent', 'run', '--help')],
  'agent status': [plain('agent', 'status'), plain('agent', 'status', '--json')],
  'agent install': [plain('agent', 'install')],
  'agent stop': [plain('agent', 'stop')],
  login: [
    plain('login', '--no-browser'),
    plain('login', '--json'),
    { args: ['login', '--api-key'], stdin: 'c4naryApiKey0123456789\n' },
  ],
  logout: [plain('logout'), plain('logout', '--json')],
  'agent uninstall': [plain('agent', 'uninstall'), plain('agent', 'uninstall', '--purge')],
};
