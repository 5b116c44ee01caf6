// Claude Desktop's settings, as far as they decide whether a credential helper works.
// https://claude.com/docs/third-party/claude-desktop/configuration and .../credential-helper

import { isConfigurationKey } from '../config/keys.ts';
import { isObject } from '../formats/json-object.ts';
import type { SettingsDocument } from '../formats/settings-document.ts';
import { type Finding, type FindingId, finding } from './finding.ts';
import { desktopKeys, OTHER_CREDENTIALS } from './keys.ts';
import { lintForm } from './lint-form.ts';
import { lintHelperPath } from './lint-helper-path.ts';
import { type DesktopValues, desktopKeyOf, desktopValues } from './values.ts';

const PROVIDERS = ['gateway', 'anthropic', 'bedrock', 'mantle', 'vertex', 'foundry'];

/** An Entra access token of the default lifetime has, once handed out, at least 3300 s left when asked to; 120 s are for the way. */
const MAX_TTL_SECONDS = 3180;
/** At or below this, Claude Desktop does not check the age before a turn. */
const MIN_TTL_SECONDS = 120;
const DEFAULT_TTL_SECONDS = 3600;
/** A sign-in with a second factor takes minutes. */
const MIN_TIMEOUT_SECONDS = 300;
const MAX_TIMEOUT_SECONDS = 600;
const DEFAULT_TIMEOUT_SECONDS = 60;

type Report = (id: FindingId, key?: string, rule?: string) => void;

export function lintDesktop(document: SettingsDocument): readonly Finding[] {
  const findings: Finding[] = document.entries.flatMap((entry) => lintForm(document, entry));
  const report: Report = (id, key, rule) => findings.push(finding(id, document.file, key, rule));
  const values = desktopValues(document);
  checkNames(document, report);
  checkSimpleTypes(values, report);
  // A file with update settings only, say, needs no provider.
  if (!document.entries.some(({ key }) => /^inference/i.test(key))) return findings;
  checkProvider(values, report);
  checkModels(values, report);
  if (usesHelper(values)) {
    checkCredential(values, report);
    lintHelperPath(values, report);
    checkTimes(values, report);
  }
  return findings;
}

const usesHelper = ({ text }: DesktopValues): boolean =>
  text('inferenceCredentialKind') === 'helper-script' ||
  text('inferenceCredentialHelper') !== undefined ||
  text('inferenceCredentialHelperWindows') !== undefined;

function checkNames(document: SettingsDocument, report: Report): void {
  for (const entry of document.entries) {
    const key = desktopKeyOf(document, entry);
    if (Object.hasOwn(desktopKeys, key)) continue;
    if (key.includes('.') || (key === 'inference' && isObject(entry.value))) report('key-nested', key.slice(0, 60));
    else if (isConfigurationKey(key)) report('key-of-other-program', key);
    else {
      const near = Object.keys(desktopKeys).find((name) => plain(name) === plain(key));
      if (near !== undefined) report('key-misspelt', key.slice(0, 60), `is no key; did you mean "${near}"?`);
    }
  }
}

/** Case, separators, a plural and the unit are what people get wrong. */
const plain = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .replace(/(?:seconds|secs)$/, 'sec')
    .replace(/s$/, '');

function checkSimpleTypes({ text }: DesktopValues, report: Report): void {
  for (const [key, type] of Object.entries(desktopKeys)) {
    const value = text(key);
    if (value === undefined) continue;
    if (type === 'integer' && !/^\d{1,9}$/.test(value)) report('integer-invalid', key);
    if (type === 'boolean' && !/^(?:true|false|1|0)$/i.test(value)) report('boolean-invalid', key);
  }
}

function checkProvider({ text }: DesktopValues, report: Report): void {
  const provider = text('inferenceProvider');
  if (provider === undefined) report('provider-missing', 'inferenceProvider');
  else if (!PROVIDERS.includes(provider)) report('provider-invalid', 'inferenceProvider');
  const resource = text('inferenceFoundryResource');
  const gateway = text('inferenceGatewayBaseUrl');
  if (provider === 'foundry') {
    if (resource === undefined && text('inferenceFoundryBaseUrl') === undefined) {
      report('endpoint-missing', 'inferenceFoundryResource');
    } else if (resource !== undefined && !/^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$/i.test(resource)) {
      report('foundry-resource-invalid', 'inferenceFoundryResource');
    }
  }
  if (provider === 'gateway') {
    if (gateway === undefined) report('endpoint-missing', 'inferenceGatewayBaseUrl');
    else if (!isGatewayUrl(gateway)) report('gateway-url-invalid', 'inferenceGatewayBaseUrl');
  }
}

function isGatewayUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.protocol !== 'https:') return false;
  const isFoundry = /\.(?:services\.ai|cognitiveservices|openai)\.azure\.(?:com|us|cn)$/.test(url.hostname);
  return !isFoundry || /^\/anthropic\/?$/.test(url.pathname);
}

function checkCredential({ text }: DesktopValues, report: Report): void {
  const kind = text('inferenceCredentialKind');
  if (kind === undefined) report('credential-kind-missing', 'inferenceCredentialKind');
  else if (kind !== 'helper-script') report('credential-kind-invalid', 'inferenceCredentialKind');
  for (const key of OTHER_CREDENTIALS) if (text(key) !== undefined) report('credential-source-twice', key);
  const provider = text('inferenceProvider');
  if (provider === 'vertex') report('provider-without-helper', 'inferenceProvider');
  const scheme = text('inferenceGatewayAuthScheme') ?? 'bearer';
  if (provider === 'gateway' && scheme !== 'bearer') report('gateway-auth-scheme', 'inferenceGatewayAuthScheme');
}

function checkTimes({ text }: DesktopValues, report: Report): void {
  const ttl = seconds(text('inferenceCredentialHelperTtlSec'), DEFAULT_TTL_SECONDS);
  if (ttl > MAX_TTL_SECONDS) report('ttl-above-token-life', 'inferenceCredentialHelperTtlSec');
  else if (ttl <= MIN_TTL_SECONDS) report('ttl-too-short', 'inferenceCredentialHelperTtlSec');
  const timeout = seconds(text('inferenceCredentialHelperTimeoutSec'), DEFAULT_TIMEOUT_SECONDS);
  if (timeout < 1 || timeout > MAX_TIMEOUT_SECONDS) report('timeout-invalid', 'inferenceCredentialHelperTimeoutSec');
  else if (timeout < MIN_TIMEOUT_SECONDS) report('timeout-too-short', 'inferenceCredentialHelperTimeoutSec');
}

/** NaN, which no comparison holds for, where `integer-invalid` has already been found. */
function seconds(text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}

function checkModels({ text, structure }: DesktopValues, report: Report): void {
  const provider = text('inferenceProvider');
  if (text('inferenceModels') === undefined) {
    const isFoundry = provider === 'foundry' || /\.azure\.com/.test(text('inferenceGatewayBaseUrl') ?? '');
    if (isFoundry) report('models-missing', 'inferenceModels');
    return;
  }
  const models = structure('inferenceModels');
  if (!Array.isArray(models)) {
    report('models-not-json', 'inferenceModels');
    return;
  }
  if (models.length === 0 && provider === 'foundry') report('models-missing', 'inferenceModels');
  if (!models.every(isModel)) report('model-not-text', 'inferenceModels');
}

function isModel(model: unknown): boolean {
  const name = isObject(model) ? model['name'] : model;
  return typeof name === 'string' && name.trim() !== '';
}
