// Apple's own rules for configuration profiles, whatever they configure.
// https://developer.apple.com/documentation/devicemanagement/toplevel and .../commonpayloadkeys
import { type Finding, type FindingDetails, type FindingId, finding } from '../../claude-desktop/finding.ts';
import { isObject } from '../../core/json.ts';
import type { Dictionary } from './payload-domains.ts';

/** The profile or one of its payloads, and how people find it. */
interface Part {
  readonly values: Dictionary;
  readonly element: string;
}

type Report = (id: FindingId, details: FindingDetails) => Finding;

const PROFILE = 'the profile';
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function lintProfile(file: string, profile: Dictionary, payloads: readonly Dictionary[]): readonly Finding[] {
  const report: Report = (id, details) => finding(id, file, details);
  const parts = [{ values: profile, element: PROFILE }, ...payloads.map(asPart)];
  return [
    ...lintTop(profile, report),
    ...lintScope(profile['PayloadScope'], report),
    ...parts.flatMap((part) => lintPart(part, report)),
    ...lintDifference('PayloadIdentifier', parts, report),
    ...lintDifference('PayloadUUID', parts, report),
  ];
}

/** For payloads without a profile around them, which some MDM consoles take. */
export function lintPayloads(file: string, payloads: readonly Dictionary[]): readonly Finding[] {
  const report: Report = (id, details) => finding(id, file, details);
  return payloads.map(asPart).flatMap((part) => lintPart(part, report));
}

const asPart = (values: Dictionary, index: number): Part => ({ values, element: `payload ${index + 1}` });

function lintTop({ PayloadType: type, PayloadContent: content }: Dictionary, report: Report): readonly Finding[] {
  return [
    ...(type === 'Configuration' ? [] : [report('profile-type', { key: 'PayloadType' })]),
    ...(Array.isArray(content) && content.every(isObject)
      ? []
      : [report('profile-content', { key: 'PayloadContent' })]),
  ];
}

/** Without a scope an MDM server decides; a profile that a user opens is that user's. */
function lintScope(scope: unknown, report: Report): readonly Finding[] {
  const key = 'PayloadScope';
  if (scope === 'System') return [];
  if (scope === 'User') return [report('profile-scope-user', { key })];
  if (scope !== undefined) return [report('profile-scope', { key })];
  const rule = "isn't set: the MDM server decides, and a profile that's opened by hand counts for one user only";
  return [report('profile-scope-user', { key, severity: 'note', rule })];
}

function lintPart({ values, element }: Part, report: Report): readonly Finding[] {
  const missing = ['PayloadIdentifier', 'PayloadUUID'].filter((key) => textOf(values, key) === '');
  const uuid = textOf(values, 'PayloadUUID');
  return [
    ...(values['PayloadVersion'] === 1 ? [] : [report('profile-payload-version', versionDetails(element))]),
    ...missing.map((key) => report('profile-payload-identity', { key, element, rule: 'must be set' })),
    ...(uuid === '' || UUID.test(uuid) ? [] : [report('profile-uuid-format', { key: 'PayloadUUID', element })]),
  ];
}

/** macOS installs payloads without a version; Apple Business Manager refuses them. */
function versionDetails(element: string): FindingDetails {
  const key = 'PayloadVersion';
  if (element === PROFILE) return { key, element };
  return {
    key,
    element,
    severity: 'warning',
    rule: 'must be the integer 1, or Apple Business Manager refuses the profile',
  };
}

/** Installers take two parts with one identity for the same. */
function lintDifference(key: string, parts: readonly Part[], report: Report): readonly Finding[] {
  const seen = new Map<string, string>();
  return parts.flatMap(({ values, element }) => {
    const identity = textOf(values, key).toLowerCase();
    const other = seen.get(identity);
    if (identity === '' || other === undefined) {
      seen.set(identity, element);
      return [];
    }
    return report('profile-payload-identity', { key, element, rule: `must differ from that of ${other}` });
  });
}

function textOf(values: Dictionary, key: string): string {
  const value = values[key];
  return typeof value === 'string' ? value.trim() : '';
}
