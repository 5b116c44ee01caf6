// Where each program reads its managed settings.
// Claude Desktop: https://claude.com/docs/third-party/claude-desktop/mdm

export type Subject = 'claude-desktop' | 'own';

export interface Place {
  /** For people. */
  readonly program: string;
  /** macOS preference domain, and payload type in a profile. */
  readonly domain: string;
  /** Below HKEY_LOCAL_MACHINE or HKEY_CURRENT_USER. */
  readonly registryKey: string;
  /** Linux. */
  readonly file: string;
}

/** Where macOS stores the settings of profiles: one property list for each domain, and a subfolder for each user. */
export const MANAGED_PREFERENCES = '/Library/Managed Preferences';

export const places: Readonly<Record<Subject, Place>> = {
  'claude-desktop': {
    program: 'Claude Desktop',
    domain: 'com.anthropic.claudefordesktop',
    registryKey: 'SOFTWARE\\Policies\\Claude',
    file: '/etc/claude-desktop/managed-settings.json',
  },
  own: {
    program: 'foundry-credential-helper',
    domain: 'dev.foundry-credential-helper',
    registryKey: 'SOFTWARE\\Policies\\FoundryCredentialHelper',
    file: '/etc/foundry-credential-helper/policy.json',
  },
};
