// The binary values in which Windows keeps a connection's proxy settings.

/** Empty text means that it's off or not set. */
export interface ConnectionSettings {
  readonly proxies: string;
  readonly exceptions: string;
  readonly pacUrl: string;
  readonly autoDetect: boolean;
}

/** `INTERNET_PER_CONN_FLAGS`: https://learn.microsoft.com/windows/win32/api/wininet/ns-wininet-internet_per_conn_optiona */
const PROXY = 2;
const PAC = 4;
const AUTO_DETECT = 8;
const HEADER_BYTES = 12;

/**
 * Reads DefaultConnectionSettings (WinINET) or WinHttpSettings (WinHTTP), which Microsoft doesn't document: 32-bit
 * numbers for the version, a counter, and the flags, then the proxies, the exceptions, and the PAC file's address, each
 * after its length. What follows isn't needed. Some programs leave out the last ones. Source: Wine, dlls/winhttp/session.c
 * @returns undefined if it isn't such a value
 */
export function parseConnectionSettings(bytes: Buffer): ConnectionSettings | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const flags = bytes.readUInt32LE(8);
  const texts: string[] = [];
  let at = HEADER_BYTES;
  while (texts.length < 3 && at + 4 <= bytes.length) {
    const start = at + 4;
    at = start + bytes.readUInt32LE(at);
    if (at > bytes.length) return undefined;
    texts.push(bytes.toString('latin1', start, at).split('\0', 1)[0]?.trim() ?? '');
  }
  const [proxies = '', exceptions = '', pacUrl = ''] = texts;
  const isManual = (flags & PROXY) !== 0;
  return {
    proxies: isManual ? proxies : '',
    exceptions: isManual ? exceptions : '',
    pacUrl: (flags & PAC) === 0 ? '' : pacUrl,
    autoDetect: (flags & AUTO_DETECT) !== 0,
  };
}
