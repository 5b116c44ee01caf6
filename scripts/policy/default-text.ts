import { type ConfigurationKey, definitionOf } from '../../src/config/keys.ts';

/** A key's default in words; empty if it has none. */
export function defaultText(key: ConfigurationKey, code = (text: string): string => text): string {
  const fallback = definitionOf(key).default;
  switch (fallback?.kind) {
    case 'value':
      return code(String(fallback.value));
    case 'by-cloud':
      return Object.entries(fallback.values)
        .map(([cloud, value]) => `${cloud}: ${code(String(value))}`)
        .join(', ');
    case 'run-time':
      return fallback.description.replaceAll(/https:\S+/g, code);
    default:
      return '';
  }
}
