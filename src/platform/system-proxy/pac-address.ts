import { pathToFileURL } from 'node:url';

/**
 * The address of a PAC file as a URL; a path means a file. Both are what people type into the dialogs of desktops.
 * @returns undefined if it's empty or no address, such as a path of Windows, which Windows doesn't take here either
 */
export function pacAddress(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed.startsWith('/')) return pathToFileURL(trimmed).href;
  const url = URL.parse(trimmed);
  return url === null || /^[a-z]:$/.test(url.protocol) ? undefined : trimmed;
}
