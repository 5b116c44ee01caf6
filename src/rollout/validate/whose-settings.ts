import { isDesktopKey } from '../../claude-desktop/keys.ts';
import { isDescription } from '../../claude-desktop/nested-form.ts';
import { isConfigurationKey } from '../../config/keys.ts';
import { nearestKey } from '../../config/nearest-key.ts';
import type { Subject } from '../../config/places.ts';
import { UnparsableFile } from '../../formats/unparsable-file.ts';

type Values = Readonly<Record<string, unknown>>;

interface OtherProgram {
  /** Completes `holds no setting of …: `. */
  readonly what: string;
  readonly keys: RegExp;
}

export const NO_SETTING = 'holds no setting of foundry-credential-helper or Claude Desktop';
export const NO_SETTINGS = 'holds no settings';
export const CLAUDE_CODE =
  'it looks like settings of Claude Code, which "foundry-credential-helper claude-code status" checks';

/** What only another program's file holds at its top. Claude Code: https://code.claude.com/docs/en/settings */
const OTHER_PROGRAMS: readonly OtherProgram[] = [
  {
    what: CLAUDE_CODE,
    keys: /^(?:apiKeyHelper|env|permissions|hooks|model|availableModels|statusLine|outputStyle|sandbox|enabledPlugins|(?:extraKnown|strictKnown|blocked)Marketplaces|allowManaged\w+|(?:allowed|denied)McpServers|(?:enable|enabled|disabled)\w*McpjsonServers|enableAllProjectMcpServers|forceLoginMethod|cleanupPeriodDays|includeCoAuthoredBy|attribution|companyAnnouncements|disableAllHooks|parentSettingsBehavior|managedSourcesBehavior|allowedProviders|aws(?:AuthRefresh|CredentialExport)|otelHeadersHelper|alwaysThinkingEnabled)$/,
  },
  {
    what: 'it lists MCP servers, as claude_desktop_config.json and .mcp.json do',
    keys: /^(?:mcpServers|globalShortcut)$/,
  },
  {
    what: "it's the index of Claude Desktop's local configurations (_meta.json); check the <id>.json that its appliedId names",
    keys: /^appliedId$/,
  },
  {
    what: 'it comes from Microsoft Graph or Intune; check the profile or registry file that the policy carries',
    keys: /@odata\.|^(?:omaSettings|settingsDelta|roleScopeTagIds)$/,
  },
  {
    what: 'it looks like settings of Visual Studio Code',
    keys: /^(?:claudeCode|editor|files|workbench|terminal|window)\./,
  },
  { what: "it's a schema for settings", keys: /^(?:pfm_\w+|properties|\$defs|\$id)$/ },
];

/** Whose settings these are, by the keys alone. @throws UnparsableFile, naming the other program if the keys tell */
export function whoseSettings(values: Values): Subject {
  const keys = Object.keys(values).filter((key) => !isDescription(key));
  if (keys.length === 0) throw new UnparsableFile(NO_SETTINGS);
  const isOwn = (key: string): boolean => isConfigurationKey(key);
  const isDesktop = (key: string): boolean => isInferenceKey(key) || isDesktopKey(key);
  const count = (test: (key: string) => boolean): number => keys.filter(test).length;
  const others = OTHER_PROGRAMS.map((program) => ({ ...program, score: count((key) => program.keys.test(key)) }));
  const other = others.reduce((best, next) => (next.score > best.score ? next : best));
  const [own, desktop] = [count(isOwn), count(isDesktop)];
  // Claude Desktop and Claude Code share some names, but not these.
  const known = desktop + (keys.some(isInferenceKey) ? 1 : 0);
  if (other.score > 0 && other.score >= Math.max(own, known)) throw new UnparsableFile(`${NO_SETTING}: ${other.what}`);
  // A word such as "banner" or "proxy" is in many programs' files.
  if (desktop > own && (keys.some(isInferenceKey) || desktop * 2 > keys.length)) return 'claude-desktop';
  const near = count((key) => isOwn(key) || nearestKey(key) !== undefined);
  if (near * 2 > keys.length) return 'own';
  throw new UnparsableFile(NO_SETTING);
}

/** Whatever its case: the registry doesn't tell, and people get it wrong elsewhere. */
const isInferenceKey = (key: string): boolean => /^inference[a-z]/i.test(key);
