// Everything that `config validate` and `doctor` can find in settings: stable ID, severity, the rule, what to do.
import { PROVIDERS } from './keys.ts';

/**
 * `error`: the program rejects it, or it can't work. `warning`: it works, but not as people expect. `note`: for
 * information.
 */
export type Severity = 'error' | 'warning' | 'note';

interface FindingSpec {
  /** Absent: `error`. */
  readonly severity?: Severity;
  /** Completes "<key> …" or is alone. */
  readonly rule: string;
  readonly remedy: string;
}

/** Ids are public: scripts match on them. Add freely; never rename or reuse one. */
const FINDINGS = {
  'value-not-text': {
    severity: 'note',
    rule: 'are native numbers or booleans: Claude Desktop takes them in profiles, other forms hold text',
    remedy: 'nothing to do; write them as text if you move the settings to another form',
  },
  'native-structure': {
    severity: 'note',
    rule: 'are native lists or dictionaries: Claude Desktop takes them in profiles on macOS only',
    remedy: 'nothing to do; write each as one JSON text if you move the settings to another form',
  },
  'registry-dword': {
    rule: 'must be REG_SZ: Claude Desktop reads REG_DWORD for booleans and numbers only',
    remedy: 'write it as REG_SZ, lists and objects as one JSON text',
  },
  'registry-expand-sz': {
    rule: "must not be REG_EXPAND_SZ: it counts as set, but can't be read",
    remedy: 'write it as REG_SZ, with the variables already replaced',
  },
  'registry-type': {
    rule: "must be REG_SZ: this registry type isn't read",
    remedy: 'write it as REG_SZ; lists and objects as one JSON text',
  },
  'registry-subkey': {
    rule: 'values in a subkey are never read',
    remedy: 'write them directly under the policy key, lists and objects as one JSON text',
  },
  'registry-wrong-key': {
    rule: "this registry key isn't read",
    remedy:
      'write to HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Claude (foundry-credential-helper: ...\\Policies\\FoundryCredentialHelper), in the 64-bit view',
  },
  'registry-both-hives': {
    severity: 'warning',
    rule: 'if HKEY_LOCAL_MACHINE has any value, HKEY_CURRENT_USER is ignored entirely',
    remedy: 'keep all values of a program in one of the two, preferably in HKEY_LOCAL_MACHINE',
  },
  'registry-default-value': {
    severity: 'warning',
    rule: "a default value isn't a setting, but it makes Claude Desktop ignore the other hive",
    remedy: 'remove the line that begins with @=',
  },
  'profile-wrong-domain': {
    rule: "settings in a payload of this type aren't read",
    remedy:
      'use the payload type (preference domain) com.anthropic.claudefordesktop for Claude Desktop, dev.foundry-credential-helper for foundry-credential-helper',
  },
  'profile-payload-identity': {
    rule: 'the profile and each of its payloads need a PayloadIdentifier and a PayloadUUID that differ from all others in it',
    remedy: 'set a unique PayloadIdentifier and PayloadUUID (uuidgen) for the profile and each payload',
  },
  'profile-payload-version': {
    rule: 'must be the integer 1, in the profile and in each of its payloads',
    remedy: 'write <key>PayloadVersion</key><integer>1</integer>',
  },
  'profile-type': {
    rule: 'must be Configuration in the profile itself, spelled like that',
    remedy: 'set PayloadType of the outermost dictionary to Configuration',
  },
  'profile-uuid-format': {
    severity: 'warning',
    rule: 'should be a UUID: some MDM servers refuse anything else',
    remedy: 'replace it with the output of uuidgen',
  },
  'profile-content': {
    rule: 'must be an array of dictionaries, one for each payload',
    remedy: 'put the payloads into <key>PayloadContent</key><array>…</array>',
  },
  'profile-scope': {
    rule: 'must be System or User, spelled like that',
    remedy: 'set PayloadScope to System',
  },
  'profile-scope-user': {
    severity: 'warning',
    rule: 'installs the settings for one user: other users of the Mac are left without them',
    remedy: 'set PayloadScope to System',
  },
  'profile-signature-unchecked': {
    severity: 'note',
    rule: "the file is signed; its content was checked, but the signature wasn't",
    remedy: 'to check the signature, run "openssl cms -verify -inform DER -in FILE", or open the profile on a Mac',
  },
  'plist-fragment': {
    severity: 'note',
    rule: 'the file is a fragment that MDM consoles accept; macOS itself reads only whole property lists',
    remedy: 'no action needed for a preference file in Intune or custom settings in Jamf and Workspace ONE',
  },
  'key-twice': {
    severity: 'warning',
    rule: 'is in the file twice; the last one counts',
    remedy: 'remove all but one',
  },
  'json-byte-order-mark': {
    rule: "the file begins with a byte order mark, which isn't JSON: Claude Desktop refuses the whole file",
    remedy: 'save the file as UTF-8 without a byte order mark (BOM)',
  },
  'json-encoding': {
    rule: "the file isn't UTF-8: Claude Desktop refuses the whole file",
    remedy: 'save the file as UTF-8 without a byte order mark (BOM)',
  },
  'json-comments': {
    rule: 'JSON has no comments: the program that reads the file refuses all of it',
    remedy: 'remove all comments',
  },
  'registry-user-hive': {
    severity: 'note',
    rule: 'was read as HKEY_CURRENT_USER of the user that the key names',
    remedy: 'to set it for all users of the computer, use HKEY_LOCAL_MACHINE',
  },
  'registry-header': {
    severity: 'warning',
    rule: "the header isn't on the first line: Registry Editor refuses the file",
    remedy: 'move "Windows Registry Editor Version 5.00" to the first line, above all comments and blank lines',
  },
  'registry-encoding': {
    severity: 'warning',
    rule: 'Registry Editor accepts UTF-16 only as little-endian with a byte order mark',
    remedy: 'save the file as "UTF-16 LE" (Notepad), or as Registry Editor exports it',
  },
  'key-nested': {
    rule: "isn't read: only flat names are read from managed settings",
    remedy: 'use the flat name, such as inferenceCredentialKind instead of inference.credential.kind',
  },
  'key-misspelled': {
    severity: 'warning',
    rule: "isn't a key of Claude Desktop, but nearly one",
    remedy: 'use the exact name',
  },
  'key-unknown': {
    severity: 'warning',
    rule: "isn't a key of Claude Desktop that this program knows; Claude Desktop ignores keys that it doesn't know",
    remedy:
      "correct the name or remove it; newer versions of Claude Desktop may have keys that this program doesn't know yet",
  },
  'key-of-other-program': {
    severity: 'warning',
    rule: 'is a setting of foundry-credential-helper, not of Claude Desktop',
    remedy: "move it to foundry-credential-helper's own policy",
  },
  'key-too-new': {
    severity: 'warning',
    rule: "isn't known to this version of Claude Desktop",
    remedy: 'update Claude Desktop, or remove the key',
  },
  'key-renamed': {
    severity: 'warning',
    rule: 'has a new name',
    remedy: 'use the new name',
  },
  'key-retiring': {
    severity: 'warning',
    rule: 'will be refused by Claude Desktop',
    remedy: 'use what replaces it, or remove it',
  },
  'key-superseded': {
    severity: 'note',
    rule: 'still works, but has a successor',
    remedy: 'use its successor once every computer has a version that knows it',
  },
  'key-hosted-only': {
    severity: 'warning',
    rule: 'counts only in the configuration that Anthropic hosts, and is ignored here',
    remedy: 'remove it here',
  },
  'key-other-mode': {
    severity: 'warning',
    rule: 'is for claude.ai accounts, and is ignored with your own provider',
    remedy: 'remove it here',
  },
  'key-retired': {
    rule: 'is refused by Claude Desktop',
    remedy: 'use what replaces it, or remove it',
  },
  'value-blank': {
    rule: 'holds spaces only, which Claude Desktop takes for an invalid value',
    remedy: 'set a value or remove it',
  },
  'value-too-new': {
    severity: 'warning',
    rule: "has a value that this version of Claude Desktop doesn't know",
    remedy: 'update Claude Desktop, or use another value',
  },
  'value-retired': {
    rule: 'has a form that Claude Desktop refuses',
    remedy: 'use the new form',
  },
  'value-retiring': {
    severity: 'warning',
    rule: 'has a form that newer versions of Claude Desktop refuse',
    remedy: 'use the new form',
  },
  'bootstrap-delivery': {
    severity: 'note',
    rule: "has a server deliver the inference settings at start, so they can't be checked here",
    remedy:
      'check what the server delivers: save its answer as a file and run "foundry-credential-helper config validate FILE"',
  },
  'provider-missing': {
    rule: 'must be set: without it Claude Desktop ignores all other inference settings',
    remedy: 'set inferenceProvider to gateway for Entra tokens, to foundry for an API key',
  },
  'provider-invalid': {
    rule: `must be one of ${PROVIDERS.join(', ')}`,
    remedy: 'set inferenceProvider to gateway for Entra tokens, to foundry for an API key',
  },
  'header-mismatch': {
    rule: "sends the helper's value in a header that the endpoint doesn't accept",
    remedy: 'deploy the profile that "foundry-credential-helper config export FOLDER" writes',
  },
  'endpoint-missing': {
    rule: 'must be set for this provider',
    remedy: 'set inferenceGatewayBaseUrl for gateway, inferenceFoundryResource for foundry',
  },
  'foundry-resource-invalid': {
    rule: 'must be the name of the resource only: 2 to 64 lowercase letters, digits, and hyphens',
    remedy: 'write the first part of the host name only, such as contoso-foundry',
  },
  'base-url-invalid': {
    rule: 'must be an https:// URL that ends in /anthropic for a Foundry resource',
    remedy: 'set it to https://<resource>.services.ai.azure.com/anthropic, or to the address of your gateway',
  },
  'credential-kind-missing': {
    severity: 'warning',
    rule: 'should be set: otherwise Claude Desktop may choose another credential source than the helper',
    remedy: 'set inferenceCredentialKind to helper-script',
  },
  'credential-kind-invalid': {
    rule: 'must be helper-script if a credential helper is configured: any other kind never runs the helper',
    remedy: 'set inferenceCredentialKind to helper-script, or remove inferenceCredentialHelper',
  },
  'credential-kind-unsupported': {
    rule: "isn't offered by this provider, so Claude Desktop blocks the connection",
    remedy: 'set inferenceCredentialKind to helper-script',
  },
  'credential-source-twice': {
    rule: 'is a second credential source next to the helper',
    remedy: 'remove this key: exactly one credential source may be set',
  },
  'helper-not-used': {
    severity: 'warning',
    rule: "isn't set: Claude Desktop gets its credential elsewhere and never asks foundry-credential-helper",
    remedy:
      'set inferenceCredentialKind to helper-script and inferenceCredentialHelper to the absolute path of foundry-credential-helper',
  },
  'helper-path-missing': {
    rule: 'must be set if inferenceCredentialKind is helper-script',
    remedy: 'set inferenceCredentialHelper to the absolute path of foundry-credential-helper',
  },
  'helper-path-arguments': {
    severity: 'warning',
    rule: 'seems to hold arguments: Claude Desktop takes the whole text as one file name',
    remedy: 'remove the arguments; foundry-credential-helper needs none',
  },
  'helper-path-invalid': {
    rule: 'must be an absolute local path, written out in full',
    remedy: 'write the path out, such as /usr/bin/foundry-credential-helper',
  },
  'helper-arguments': {
    rule: "must not be set: with arguments foundry-credential-helper doesn't act as a credential helper",
    remedy: 'remove inferenceCredentialHelperArgs',
  },
  'helper-arguments-invalid': {
    rule: 'must hold texts of 1 to 1024 characters without ", %, and control characters',
    remedy: 'correct the named entry',
  },
  'headers-helper-path': {
    rule: 'must be an absolute local path, written out in full',
    remedy: 'write the path of the script out, such as /usr/bin/foundry-credential-helper-mcp',
  },
  'headers-helper-arguments': {
    severity: 'warning',
    rule: 'seems to hold arguments: Claude Desktop takes the whole text as one file name',
    remedy: 'name a script that runs the command; docs/how-to/other-resources.md has one for each system',
  },
  'headers-helper-prints-token': {
    rule: 'names foundry-credential-helper itself, which prints the token for Foundry then, and no headers',
    remedy:
      'name a script that runs "foundry-credential-helper headers --resource RESOURCE"; docs/how-to/other-resources.md has one for each system',
  },
  'headers-helper-leaks-token': {
    rule: 'names foundry-credential-helper itself: Claude Desktop would send the token for Foundry to the server of the marketplace, which could use the models as the user',
    remedy:
      'name a script that runs "foundry-credential-helper token --resource RESOURCE"; docs/how-to/other-resources.md has one for each system',
  },
  'headers-helper-with-oauth': {
    severity: 'warning',
    rule: 'has both headersHelper and oauth: the helper never replaces the Authorization header then',
    remedy: 'remove oauth from the named entry, or headersHelper if users are to sign in to the server separately',
  },
  'headers-helper-ttl': {
    severity: 'warning',
    rule: 'has a headersHelperTtlSec of more than 1800 seconds: a token may expire before Claude Desktop asks for the next one',
    remedy: 'remove headersHelperTtlSec from the named entry; its default is 300',
  },
  'collector-gets-token': {
    severity: 'warning',
    rule: 'sends the token for Foundry to the telemetry collector, which could use the models as the user',
    remedy:
      'set otlpHeadersHelper to a script that gets a token for the collector, and otlpAuthMode to none; docs/how-to/other-resources.md shows how',
  },
  'silent-refresh-off': {
    severity: 'warning',
    rule: 'is off: Claude Desktop then asks people to start over whenever its cache time runs out',
    remedy: 'remove the key or set it to true',
  },
  'integer-invalid': {
    rule: 'must be a whole number in decimal digits',
    remedy: 'write digits only, such as 900',
  },
  'number-invalid': {
    rule: 'must be a number',
    remedy: 'write digits only, such as 900',
  },
  'text-invalid': {
    rule: 'must be text',
    remedy: 'put the value in quotation marks',
  },
  'text-pattern': {
    rule: "doesn't have the form that Claude Desktop requires",
    remedy: 'correct the value as the description of the key says',
  },
  'number-range': {
    rule: 'is out of range',
    remedy: 'use a number within the range',
  },
  'boolean-invalid': {
    rule: 'must be true or false',
    remedy: 'write true or false',
  },
  'enum-invalid': {
    rule: 'must be one of the allowed values',
    remedy: 'use one of the named values, in this spelling',
  },
  'structure-not-json': {
    rule: 'must be a list or object, or the JSON text of one',
    remedy: 'write it as one JSON text, such as ["a","b"] or {"Name":"value"}',
  },
  'entry-not-text': {
    rule: 'must hold texts only',
    remedy: 'write the named entry in quotation marks',
  },
  'ttl-above-token-life': {
    severity: 'warning',
    rule: 'must be at most 2880 seconds (default 3600): a token may expire before Claude Desktop asks for the next one',
    remedy: 'set inferenceCredentialHelperTtlSec to 900',
  },
  'ttl-too-short': {
    severity: 'warning',
    rule: "must be more than 120 seconds: at or below that, Claude Desktop doesn't renew the credential before a turn",
    remedy: 'set inferenceCredentialHelperTtlSec to 900',
  },
  'timeout-too-short': {
    severity: 'warning',
    rule: 'must be at least 300 seconds (default 60): Claude Desktop ends the helper then, in the middle of a first sign-in',
    remedy: 'set inferenceCredentialHelperTimeoutSec to 600',
  },
  'models-missing': {
    rule: 'must be set: Foundry has no list of models to discover',
    remedy: 'set inferenceModels to the deployment names as one JSON list',
  },
  'models-not-json': {
    rule: 'must be a JSON list',
    remedy: 'write it as ["claude-sonnet-5","claude-opus-4-8"]',
  },
  'model-discovery': {
    severity: 'warning',
    rule: 'must be false: Foundry has no list of models to discover',
    remedy: 'set modelDiscoveryEnabled to false',
  },
  'model-not-text': {
    rule: 'must hold deployment names: texts, or objects with a "name" that is text',
    remedy: 'write each model as "claude-sonnet-5" or {"name":"claude-sonnet-5"}',
  },
  'model-dropped': {
    rule: 'holds a name that Claude Desktop removes from its list as soon as another one is left: it must contain claude, anthropic, haiku, sonnet, opus, fable, or mythos',
    remedy: 'name the deployment after its model, such as claude-sonnet-5',
  },
  'model-refused': {
    rule: "holds a name that Claude Desktop takes for another vendor's model and refuses",
    remedy: 'name the deployment after its model, such as claude-sonnet-5',
  },
  'model-alias': {
    severity: 'warning',
    rule: 'holds the bare name of a model family: Claude Desktop resolves it by model discovery only, which Foundry lacks',
    remedy: 'write the full name of the deployment',
  },
  'model-member': {
    severity: 'warning',
    rule: "has a member that Claude Desktop doesn't know",
    remedy: 'use name, labelOverride, supports1m, prefer1m, anthropicFamilyTier, and isFamilyDefault only',
  },
  'model-tier': {
    severity: 'warning',
    rule: 'has an "anthropicFamilyTier" other than haiku, sonnet, opus, fable, or mythos',
    remedy: "use the family of the deployment's model",
  },
  'model-twice': {
    severity: 'warning',
    rule: 'names the same deployment twice',
    remedy: 'remove the second one',
  },
  'setting-missing': {
    rule: 'is required to sign in',
    remedy: 'set it in a policy or in config.json; "foundry-credential-helper config init" asks for it',
  },
  'setting-unknown': {
    severity: 'warning',
    rule: "isn't a setting that this version of foundry-credential-helper knows, so it has no effect",
    remedy: 'remove it, correct its name, or update the program; docs/reference/configuration.md lists all settings',
  },
  'managed-only': {
    severity: 'warning',
    rule: 'has no effect here: on this computer, only a managed policy can set it',
    remedy: 'remove it, or ask your IT department to set it in the policy',
  },
  'setting-invalid': {
    rule: 'breaks its rule',
    remedy: 'correct the value',
  },
  'policy-credentials': {
    rule: 'must not hold a user name and password in a policy, which every user of the computer can read',
    remedy: 'exempt the sign-in host from proxy authentication, or set the proxy for each user in config.json',
  },
  'proxy-credentials-plain': {
    severity: 'warning',
    rule: 'sends the user name and password for the proxy unencrypted, so anyone on the network can read them',
    remedy: 'use an https:// proxy, or exempt the sign-in host from proxy authentication',
  },
  'broker-on-macos': {
    rule: "must not be broker on macOS, whose broker foundry-credential-helper doesn't use",
    remedy: 'set signInMethod to browser for Macs, or remove it there',
  },
} as const satisfies Record<string, FindingSpec>;

export type FindingId = keyof typeof FINDINGS;

export const findingCatalog: Readonly<Record<FindingId, FindingSpec>> = FINDINGS;

export interface Finding {
  readonly id: FindingId;
  readonly severity: Severity;
  /** The file, registry key, or other place that holds the setting. */
  readonly file: string;
  readonly key?: string;
  /** What in the value: `entry 2`, `header X-Department`, `line 14`. */
  readonly element?: string;
  readonly rule: string;
  readonly remedy: string;
}

/** What is more precise than the catalog. Never put a value in it: values may be secrets. */
export type FindingDetails = {
  readonly [K in 'key' | 'element' | 'rule' | 'remedy' | 'severity']?: Finding[K] | undefined;
};

export function finding(id: FindingId, file: string, details: FindingDetails = {}): Finding {
  const { severity = 'error', rule, remedy } = findingCatalog[id];
  const given = Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined));
  return { id, severity, file, rule, remedy, ...given };
}
