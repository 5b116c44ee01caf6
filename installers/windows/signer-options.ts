// Whose signature: the command line of `npm run sign:windows`.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Signer } from './sign.ts';

export const SIGNING_USAGE = `Usage: npm run sign:windows -- --certificate FILE [options]
  --certificate FILE        PKCS#12 file with certificate and key; with --key: PEM file with the certificates
  --password-file FILE      its first line is the file's password or the token's PIN
  --password-variable NAME  the environment variable that holds it
  --timestamp URL           RFC 3161 time stamp server
  --key URI                 PKCS#11 URI of a key in a token
  --pkcs11-module FILE      the token's driver
  --pkcs11-engine FILE      OpenSSL's engine for such drivers, where osslsigncode needs one`;

/**
 * The variable that held a password is gone from \`env\` afterward: no tool inherits it.
 * @throws Error that says what is missing
 */
export function readSignerOptions(args: readonly string[], env: NodeJS.ProcessEnv): Signer {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      certificate: text,
      'password-file': text,
      'password-variable': text,
      timestamp: text,
      key: text,
      'pkcs11-module': text,
      'pkcs11-engine': text,
    },
  });
  const { certificate, key, timestamp, 'pkcs11-module': module, 'pkcs11-engine': engine } = values;
  if (certificate === undefined) throw new Error('--certificate is missing');
  if ((key === undefined) !== (module === undefined)) throw new Error('--key and --pkcs11-module go together');
  const password = readPassword(values['password-file'], values['password-variable'], env);
  const signingKey =
    key === undefined || module === undefined
      ? ({ kind: 'pkcs12', file: certificate } as const)
      : ({
          kind: 'pkcs11',
          module,
          key,
          certificates: certificate,
          ...(engine === undefined ? {} : { engine }),
        } as const);
  return {
    key: signingKey,
    ...(password === undefined ? {} : { password }),
    ...(timestamp === undefined ? {} : { timestampUrl: timestamp }),
  };
}

function readPassword(file: string | undefined, variable: string | undefined, env: NodeJS.ProcessEnv) {
  if (file !== undefined && variable !== undefined) {
    throw new Error('use --password-file or --password-variable, not both');
  }
  if (file !== undefined) return readFileSync(file, 'utf8').split(/\r?\n/, 1)[0];
  if (variable === undefined) return undefined;
  const password = env[variable];
  if (password === undefined) throw new Error(`the environment has no ${variable}`);
  delete env[variable];
  return password;
}
