// `npm run sign:provenance -- --key FILE [--password-variable NAME]`, after `npm run package`: writes
// dist/provenance.intoto.jsonl, the provenance under the signature of a private key in PEM.
import { createPrivateKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectFolder } from '../build/bundle.ts';
import { PROVENANCE_FILE, SIGNED_PROVENANCE_FILE } from './provenance.ts';
import { signedStatement } from './signed-statement.ts';

const options = { key: { type: 'string' }, 'password-variable': { type: 'string' } } as const;
const { key, 'password-variable': variable } = parseArgs({ options }).values;
if (key === undefined) throw new Error('usage: npm run sign:provenance -- --key FILE [--password-variable NAME]');

const dist = join(projectFolder, 'dist');
const passphrase = variable === undefined ? undefined : process.env[variable];
const privateKey = createPrivateKey({ key: readFileSync(key), ...(passphrase === undefined ? {} : { passphrase }) });
const output = join(dist, SIGNED_PROVENANCE_FILE);
writeFileSync(output, signedStatement(readFileSync(join(dist, PROVENANCE_FILE)), privateKey));
console.log(output);
