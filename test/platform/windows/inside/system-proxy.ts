// Runs in Windows' Node: reads the system's proxy settings from the real registry, and asks them for addresses.
import { writeSync } from 'node:fs';
import { readSystemProxy } from '../../../../src/platform/system-proxy/system-proxy.ts';

const proxy = await readSystemProxy();
const decisions = process.argv.slice(2).map((url) => proxy?.proxyFor(new URL(url)));
writeSync(1, JSON.stringify({ ...proxy, decisions }));
process.exit(0);
