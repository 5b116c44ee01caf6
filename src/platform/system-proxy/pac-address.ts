import { pathToFileURL } from 'node:url';

/**
 * The address of a PAC file as a URL; a path means a file. Both are what people type into the dialogs of desktops.
 * @returns undefined if it's empty or no address
 */
export function pacAddress(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed.startsWith('/')) return pathToFileURL(trimmed).href;
  return URL.canParse(trimmed) ? trimmed : undefined;
}
