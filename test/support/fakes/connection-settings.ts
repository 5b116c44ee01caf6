interface Content {
  /** 70 is WinINET's, 24 and 40 are WinHTTP's. */
  readonly version?: number;
  /** 1 direct, 2 proxies, 4 PAC file, 8 automatic detection. */
  readonly flags: number;
  readonly texts: readonly string[];
}

/** What Windows writes as DefaultConnectionSettings and WinHttpSettings, with the zeros after it. */
export function connectionSettings({ version = 0x46, flags, texts }: Content): Buffer {
  const number = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
  };
  const parts = texts.flatMap((text) => [number(Buffer.byteLength(text, 'latin1')), Buffer.from(text, 'latin1')]);
  return Buffer.concat([number(version), number(7), number(flags), ...parts, Buffer.alloc(32)]);
}
