// Where the credential comes from: exactly one source, sent in the header that the endpoint accepts.
import { basename } from 'node:path/win32';
import type { DesktopValues } from '../document.ts';
import type { Examination, LintOptions } from '../examination.ts';
import { type Credential, type HeaderVerdict, headerVerdict } from '../header.ts';
import { type CredentialKind, type DesktopKeyName, PROVIDERS, type Provider } from '../keys.ts';
import { addressOf, providerOf } from './endpoint.ts';

/** What each provider offers; Claude Desktop blocks the connection for any other pair. */
const KINDS: Readonly<Record<Provider, readonly CredentialKind[]>> = {
  gateway: ['static', 'interactive', 'external-idp', 'helper-script'],
  anthropic: ['static', 'interactive', 'helper-script'],
  bedrock: ['static', 'interactive', 'vendor-profile', 'external-idp', 'helper-script'],
  mantle: ['static', 'helper-script'],
  vertex: ['interactive', 'workforce', 'vendor-profile', 'helper-script'],
  foundry: ['static', 'interactive', 'helper-script'],
};

/** Each is a way to authenticate on its own. */
export const OTHER_SOURCES: readonly DesktopKeyName[] = [
  'inferenceAnthropicApiKey',
  'inferenceBedrockBearerToken',
  'inferenceBedrockProfile',
  'inferenceBedrockSsoStartUrl',
  'inferenceFoundryApiKey',
  'inferenceFoundryTenantId',
  'inferenceFoundryClientId',
  'inferenceGatewayApiKey',
  'inferenceGatewayOidc',
  'inferenceIdpOidc',
  'inferenceVertexCredentialsFile',
  'inferenceVertexOAuthClientId',
  'inferenceVertexWorkforceOidc',
];

export const usesHelper = (values: DesktopValues): boolean =>
  values.raw('inferenceCredentialKind') === 'helper-script' ||
  values.has('inferenceCredentialHelper') ||
  values.has('inferenceCredentialHelperWindows');

/** Whether the helper is this product, by the name of its file. */
export const isOurHelper = (values: DesktopValues): boolean =>
  [values.text('inferenceCredentialHelper'), values.text('inferenceCredentialHelperWindows')].some((path) =>
    /^foundry-credential-helper(?:\.exe)?(?:\s|$)/i.test(basename(path ?? '')),
  );

export function checkCredential(examination: Examination): void {
  const { values, report } = examination;
  checkKind(examination);
  if (!usesHelper(values)) {
    report('helper-not-used', 'inferenceCredentialHelper');
    return;
  }
  const kind = values.raw('inferenceCredentialKind');
  const others = OTHER_SOURCES.filter((key) => values.has(key));
  // Without a kind, Claude Desktop prefers most other sources to a helper; with one, it ignores them.
  const severity = kind === 'helper-script' ? 'warning' : 'error';
  for (const key of others) report('credential-source-twice', key, { severity });
  if (kind === undefined) {
    report('credential-kind-missing', 'inferenceCredentialKind', { severity: others.length > 0 ? 'error' : 'warning' });
  } else if (kind !== 'helper-script') report('credential-kind-invalid', 'inferenceCredentialKind');
  checkHeader(examination);
}

function checkKind({ values, report }: Examination): void {
  const kind = values.raw('inferenceCredentialKind');
  const provider = PROVIDERS.find((name) => name === providerOf(values));
  if (provider === undefined || kind === undefined) return;
  const kinds = KINDS[provider];
  if (kind === 'helper-script' || kinds.some((name) => name === kind)) return;
  report('credential-kind-unsupported', 'inferenceCredentialKind', {
    rule: `must be one of ${kinds.join(', ')} with this provider`,
  });
}

/** Only this program's value is known. */
function checkHeader({ values, report, options }: Examination): void {
  const provider = providerOf(values);
  // A provider that's missing or invalid is reported already.
  if (!PROVIDERS.some((name) => name === provider)) return;
  const found = desktopHeader(values, options);
  if (found?.verdict === 'mismatch') {
    const key = provider === 'gateway' ? 'inferenceGatewayAuthScheme' : 'inferenceProvider';
    report('header-mismatch', key, { rule: found.text, remedy: headerRemedy(options) });
  }
}

/** The verdict on the header; `undefined` if the helper is another program, whose output isn't known. */
export function desktopHeader(values: DesktopValues, { credential }: LintOptions): HeaderVerdict | undefined {
  return usesHelper(values) && isOurHelper(values) ? headerOf(values, credential) : undefined;
}

/** The verdict on the header that carries what this program prints. */
export function headerOf(values: DesktopValues, credential: Credential = 'entra'): HeaderVerdict {
  return headerVerdict({
    provider: providerOf(values),
    scheme: values.text('inferenceGatewayAuthScheme'),
    credential,
    address: addressOf(values),
  });
}

/** What to do about a header that the endpoint doesn't accept. */
export function headerRemedy({ credential }: Pick<LintOptions, 'credential'>): string {
  const forKeys = "; if users get an API key, check the file together with this program's policy, which says so";
  return credential !== 'api-key'
    ? `set inferenceProvider to gateway, inferenceGatewayBaseUrl to https://<resource>.services.ai.azure.com/anthropic, and inferenceGatewayAuthScheme to bearer; "foundry-credential-helper config export FOLDER" writes it so${credential === undefined ? forKeys : ''}`
    : 'set inferenceProvider to foundry with inferenceFoundryResource; "foundry-credential-helper config export FOLDER" writes it so';
}
