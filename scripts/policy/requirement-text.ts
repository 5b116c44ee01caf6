import { type ConfigurationKey, definitionOf } from '../../src/config/keys.ts';

/** `Required for sign-in, doctor, and config export, unless …`; empty if the key is optional. */
export function requirementText(key: ConfigurationKey, code = (text: string): string => text): string {
  const { requiredFor, unless } = definitionOf(key);
  if (requiredFor === undefined) return '';
  const purposes = new Intl.ListFormat('en-US', { type: 'conjunction' }).format(requiredFor);
  const exemption =
    unless === undefined ? '' : `, unless ${unless.text.replaceAll(/`([^`]*)`/g, (_, text) => code(text))}`;
  return `Required for ${purposes}${exemption}.`;
}
