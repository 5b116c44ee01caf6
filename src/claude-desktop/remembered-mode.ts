// Whether Claude Desktop remembers that its user chose a claude.ai account. Then it starts with that account and ignores
// every configuration that doesn't hide the choice. No document says so; several public reports do, such as
// lidge-jun/opencodex issue 4666 and patrickjaja/claude-desktop-extra issue 208.
import { dirname, join } from 'node:path';
import { parseJsonObject } from '../formats/json-object.ts';
import { readTextFile } from '../formats/text-file.ts';
import { configLibrary, type LocalPlaces } from './places.ts';

/** Never throws. A file that can't be read counts as nothing remembered. */
export function remembersClaudeAi(places: LocalPlaces): boolean {
  const file = readTextFile(join(dirname(configLibrary(places)), 'claude_desktop_config.json'), { followLinks: true });
  const parsed = file.state === 'text' ? parseJsonObject(file.text) : undefined;
  return parsed?.state === 'values' && parsed.values['deploymentMode'] === '1p';
}
