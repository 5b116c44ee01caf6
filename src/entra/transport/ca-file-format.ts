// What a caFile without a PEM certificate holds instead, and the command that converts it.

interface Format {
  readonly name: string;
  matches(bytes: Buffer, text: string): boolean;
  /** Shell commands in which FILE is the file. */
  readonly openssl: string;
  /** Default: the same. */
  readonly windows?: string;
}

const DER_SEQUENCE = 0x30;
/** 1.2.840.113549.1.7.2 and .1, encoded (RFC 5652 sections 5.1 and 4). */
const [SIGNED_DATA, DATA] = ['06092a864886f70d010702', '06092a864886f70d010701'];
/** Every one of these containers names its type this early. */
const HEAD_BYTES = 40;

const hasInHead = (bytes: Buffer, oid: string): boolean =>
  bytes[0] === DER_SEQUENCE && bytes.subarray(0, HEAD_BYTES).toString('hex').includes(oid);

const FROM_WINDOWS = 'export the certificate again, as "Base-64 encoded X.509 (.CER)"';

/** The first match counts. */
const FORMATS: readonly Format[] = [
  utf16(['fffe', 'feff'], 'UTF-16', ''),
  // Without a byte order mark, the first of five hyphens tells.
  utf16(['2d00'], 'UTF-16LE', ' -Encoding Unicode'),
  utf16(['002d'], 'UTF-16BE', ' -Encoding BigEndianUnicode'),
  {
    name: 'PKCS #7 in binary form',
    matches: (bytes) => hasInHead(bytes, SIGNED_DATA),
    openssl: 'openssl pkcs7 -inform DER -print_certs -in FILE -out FILE.pem',
    windows: FROM_WINDOWS,
  },
  {
    name: 'PKCS #12',
    matches: (bytes) => hasInHead(bytes, DATA),
    openssl: 'openssl pkcs12 -nokeys -in FILE -out FILE.pem',
    windows: FROM_WINDOWS,
  },
  {
    name: 'a certificate in binary form (DER)',
    matches: (bytes) => bytes[0] === DER_SEQUENCE,
    openssl: 'openssl x509 -inform DER -in FILE -out FILE.pem',
    windows: 'certutil -encode FILE FILE.pem',
  },
  {
    name: 'PKCS #7',
    matches: (_, text) => /-----BEGIN (PKCS7|PKCS #7 SIGNED DATA|CMS)-----/.test(text),
    openssl: 'openssl pkcs7 -print_certs -in FILE -out FILE.pem',
    windows: FROM_WINDOWS,
  },
  {
    name: "a certificate with OpenSSL's trust settings",
    matches: (_, text) => text.includes('-----BEGIN TRUSTED CERTIFICATE-----'),
    openssl: 'openssl x509 -in FILE -out FILE.pem',
  },
  {
    name: 'a certificate with a header of old programs',
    matches: (_, text) => text.includes('-----BEGIN X509 CERTIFICATE-----'),
    openssl: 'openssl x509 -in FILE -out FILE.pem',
  },
];

function utf16(heads: readonly string[], encoding: string, option: string): Format {
  return {
    name: `${encoding} text`,
    matches: (bytes) => heads.includes(bytes.subarray(0, 2).toString('hex')),
    openssl: `iconv -f ${encoding} -t ASCII FILE > FILE.pem`,
    windows: `powershell -Command "Get-Content${option} FILE | Set-Content -Encoding Ascii FILE.pem"`,
  };
}

/** For a message, after what's wrong: `: it holds ...; convert it: ...`. Empty if the content isn't a known format. */
export function conversionHint(bytes: Buffer, platform: NodeJS.Platform): string {
  const text = bytes.toString('latin1');
  const format = FORMATS.find(({ matches }) => matches(bytes, text));
  if (format === undefined) return '';
  const { name, openssl, windows = openssl } = format;
  return `: it holds ${name}; convert it: ${platform === 'win32' ? windows : openssl}`;
}
