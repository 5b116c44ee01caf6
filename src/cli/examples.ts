// One or two examples for each command, in its help and in the man page. Tests parse every one of them.

export interface Example {
  /** Without the program's name. */
  readonly line: string;
  readonly does: string;
}

const example = (line: string, does: string): Example => ({ line, does });

/** By the command's words; '' is the program itself. */
export const examples: Readonly<Record<string, readonly Example[]>> = {
  '': [
    example('login', 'sign in'),
    example('status', "show who's signed in"),
    example('doctor', "check why it doesn't work"),
  ],
  login: [
    example('login', 'sign in, in the browser of this computer'),
    example('login --no-browser', 'on another computer over SSH: shows a code for any device'),
    example('login --resource api://contoso-mcp', 'if a token for this resource needs another step'),
    example('login --api-key < key.txt', 'store an API key, if "credential" is "api-key"'),
  ],
  logout: [example('logout', 'sign out')],
  status: [example('status --json', 'the same for scripts'), example('status --mdm', 'one word for device management')],
  token: [
    example('token', 'print a token'),
    example(
      'token --format header | curl -H @- https://contoso.services.ai.azure.com/anthropic/v1/messages',
      'with curl',
    ),
    example('token --json | jq -r .expiresOn', 'print when it expires'),
    example('token --resource api://contoso-mcp', 'for another resource'),
  ],
  agent: [example('agent status', "show whether it's running")],
  'agent run': [example('agent run', "see why it doesn't start")],
  'agent start': [example('agent start', 'start it before Claude asks for a token')],
  'agent stop': [example('agent stop', 'stop it; the next request starts it again')],
  'agent status': [example('agent status --json', 'the same for scripts')],
  'agent install': [example('agent install', 'start it whenever you log in')],
  'agent uninstall': [
    example('agent uninstall', "don't start it when you log in"),
    example('agent uninstall --purge', 'also remove everything of this user except config.json'),
  ],
  doctor: [
    example('doctor', 'check everything'),
    example('doctor --explain AADSTS50105', 'explain an Entra error code, and what to do'),
  ],
  report: [example('report report.txt', 'write one file for support, without secrets')],
  config: [example('config show', "show what's set, and where")],
  'config show': [example('config show --json', 'the same for scripts')],
  'config validate': [
    example('config validate', 'check the settings in force on this computer'),
    example('config validate claude-desktop.mobileconfig', 'check a profile before you upload it'),
  ],
  'config init': [example('config init', 'ask for the settings and write config.json')],
  'config export': [
    example('config export rollout', 'files for Intune, Jamf, Group Policy, and Linux'),
    example('config export rollout --set foundryResource=contoso-foundry', 'with a different setting'),
  ],
  exec: [
    example('exec -- python app.py', 'a program that uses DefaultAzureCredential of an Azure SDK'),
    example('exec -- sh', 'a shell in which such programs get tokens'),
  ],
  headers: [
    example('headers --resource api://contoso-mcp', 'for an MCP server that checks tokens for api://contoso-mcp'),
    example('headers', 'for a telemetry collector or gateway that takes tokens for Foundry'),
  ],
  'git-credential': [
    example(
      'git-credential --host dev.azure.com --resource 499b84ac-1321-427f-aa17-267ca6975798 get',
      'what Git runs for Azure Repos',
    ),
  ],
  'claude-desktop': [example('claude-desktop configure', 'have Claude Desktop take its tokens from here')],
  'claude-desktop configure': [
    example('claude-desktop configure', 'write a profile and apply it'),
    example('claude-desktop configure --force', 'even if another profile is applied'),
  ],
  'claude-desktop status': [
    example('claude-desktop status', 'show what Claude Desktop uses, and whether it works'),
    example('claude-desktop status --json', 'the same for scripts'),
  ],
  'claude-desktop remove': [example('claude-desktop remove', 'undo "configure"')],
  'claude-code': [example('claude-code configure', 'have Claude Code take its tokens from this program')],
  'claude-code configure': [
    example('claude-code configure', 'write to ~/.claude/settings.json'),
    example('claude-code configure --base-url https://foundry.contoso.com/anthropic', 'with another address'),
  ],
  'claude-code remove': [example('claude-code remove', 'undo "configure"')],
  'claude-code status': [example('claude-code status', 'show whether it works, and if not, why')],
  'claude-code token': [example('claude-code token', 'what Claude Code runs')],
  completion: [
    example('completion bash > /etc/bash_completion.d/foundry-credential-helper', 'for every user of this computer'),
  ],
  version: [example('version --json', 'the same for scripts')],
};
