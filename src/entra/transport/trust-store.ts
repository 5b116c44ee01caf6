import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { inParentheses } from '../../core/errno.ts';
import { AppError } from '../../core/errors.ts';
import { conversionHint } from './ca-file-format.ts';

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

interface Made {
  readonly text: string;
  readonly systemRoots: readonly string[] | undefined;
  readonly context: SecureContext;
}

/**
 * Owns the roots that one transport's TLS connections trust, parsed into a `SecureContext`. The transport asks for it
 * before each exchange, so a changed `caFile` takes effect with the next one. They're parsed again only after a change:
 * V8 can't see that memory (1 MB for several hundred certificates), so it wouldn't collect it.
 */
export class TrustStore {
  readonly #caFile: string | undefined;
  #made: Made | undefined;

  constructor(caFile: string | undefined) {
    this.#caFile = caFile;
  }

  /**
   * Returns a context with Node's default roots (see `SystemTrustStore.useEnvironment`), the current ones of `caFile`, and these.
   * `undefined` if there are none to add.
   * @throws AppError ERR_CONFIG_UNREADABLE if `caFile` can't be read, ERR_CONFIG_INVALID if its content is wrong
   */
  context(systemRoots: readonly string[] | undefined): SecureContext | undefined {
    const caFile = this.#caFile;
    if (caFile === undefined && systemRoots === undefined) return undefined;
    const bytes = caFile === undefined ? Buffer.alloc(0) : readCaFile(caFile);
    const text = bytes.toString('utf8');
    if (this.#made?.text === text && this.#made.systemRoots === systemRoots) return this.#made.context;
    const own = caFile === undefined ? [] : parseCertificates(caFile, text, bytes);
    const context = createSecureContext({ ca: [...getCACertificates('default'), ...own, ...(systemRoots ?? [])] });
    this.#made = { text, systemRoots, context };
    return context;
  }
}

/**
 * Checks that connections could use the file.
 * @throws AppError as `TrustStore.context`
 */
export function assertCaFile(caFile: string): void {
  const bytes = readCaFile(caFile);
  parseCertificates(caFile, bytes.toString('utf8'), bytes);
}

function readCaFile(caFile: string): Buffer {
  try {
    return readFileSync(caFile);
  } catch (cause) {
    const detail = `"caFile" ${caFile}${inParentheses(cause)}`;
    const reason = 'correct "caFile", or put a file there that you can read';
    throw new AppError('ERR_CONFIG_UNREADABLE', { detail, reason, cause });
  }
}

function parseCertificates(caFile: string, text: string, bytes: Buffer): readonly string[] {
  const certificates = text.match(PEM_CERTIFICATE) ?? [];
  try {
    // OpenSSL skips what it can't parse, which would later show up as a puzzling TLS failure.
    for (const certificate of certificates) new X509Certificate(certificate);
  } catch (cause) {
    throw new AppError('ERR_CONFIG_INVALID', { detail: `"caFile" ${caFile} holds a damaged certificate`, cause });
  }
  if (certificates.length === 0) {
    const detail = `"caFile" ${caFile} holds no PEM certificate${conversionHint(bytes, process.platform)}`;
    throw new AppError('ERR_CONFIG_INVALID', { detail });
  }
  return certificates;
}
