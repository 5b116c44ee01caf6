import { join } from 'node:path';
import { escapeXml } from '../core/escape-xml.ts';
import { ensurePrivateFolder, removeQuietly, writePrivateFile } from './private-file.ts';

/** Longer than any browser takes to start. */
const KEPT_MS = 60_000;

/**
 * Writes the address to a file that only this user can read, and returns its path. On macOS, every user can read every
 * command line, so `open` gets this file instead. The Finder opens an internet location in the default browser, whereas
 * an HTML file would open in a developer's editor. The file is removed after a minute.
 * @throws AppError ERR_STATE_UNWRITABLE, ERR_AGENT_UNTRUSTED
 */
export function writeAddressFile(folder: string, url: string): string {
  const file = join(folder, 'sign-in.webloc');
  ensurePrivateFolder(folder);
  writePrivateFile(file, internetLocation(url));
  setTimeout(() => removeQuietly(file), KEPT_MS).unref();
  return file;
}

function internetLocation(url: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>URL</key>
	<string>${escapeXml(url)}</string>
</dict>
</plist>
`;
}
