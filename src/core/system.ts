/** The supported operating systems, by their names in exports, options, and documents. */
export const SYSTEMS = ['macos', 'windows', 'linux'] as const;
export type System = (typeof SYSTEMS)[number];

/** Any system that is neither Windows nor macOS counts as Linux. */
export function systemOf(platform: NodeJS.Platform): System {
  if (platform === 'win32') return 'windows';
  return platform === 'darwin' ? 'macos' : 'linux';
}
