import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { inParentheses } from '../../core/errno.ts';
import { AppError } from '../../core/errors.ts';

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

interface Made {
  readonly text: string;
  readonly systemRoots: readonly string[] | undefined;
  readonly context: SecureContext;
}

/**
 * Whom TLS connections trust. Several hundred parsed certificates are 1 MB that V8 does not see and therefore does not
 * collect, so they are parsed anew only when they have changed.
 */
export class TrustStore {
  readonly #caFile: string | undefined;
  #made: Made | undefined;

  constructor(caFile: string | undefined) {
    this.#caFile = caFile;
  }

  /**
   * Node's roots (built in and NODE_EXTRA_CA_CERTS), those of `caFile` as it stands now, and these; `undefined` where
   * there are none to add.
   * @throws AppError ERR_CONFIG_UNREADABLE (`caFile` cannot be read), ERR_CONFIG_INVALID (what is in it).
   */
  context(systemRoots: readonly string[] | undefined): SecureContext | undefined {
    const caFile = this.#caFile;
    if (caFile === undefined && systemRoots === undefined) return undefined;
    const text = caFile === undefined ? '' : readCaFile(caFile);
    if (this.#made?.text === text && this.#made.systemRoots === systemRoots) return this.#made.context;
    const own = caFile === undefined ? [] : parseCertificates(caFile, text);
    const context = createSecureContext({ ca: [...getCACertificates('default'), ...own, ...(systemRoots ?? [])] });
    this.#made = { text, systemRoots, context };
    return context;
  }
}

function readCaFile(caFile: string): string {
  try {
    return readFileSync(caFile, 'utf8');
  } catch (cause) {
    throw new AppError('ERR_CONFIG_UNREADABLE', { detail: `"caFile" ${caFile}${inParentheses(cause)}`, cause });
  }
}

function parseCertificates(caFile: string, text: string): readonly string[] {
  const certificates = text.match(PEM_CERTIFICATE) ?? [];
  try {
    // OpenSSL skips what it cannot parse; here that would end as a puzzling TLS failure.
    for (const certificate of certificates) new X509Certificate(certificate);
  } catch (cause) {
    throw new AppError('ERR_CONFIG_INVALID', { detail: `"caFile" ${caFile} holds a damaged certificate`, cause });
  }
  if (certificates.length === 0) {
    throw new AppError('ERR_CONFIG_INVALID', { detail: `"caFile" ${caFile} holds no PEM certificate` });
  }
  return certificates;
}
