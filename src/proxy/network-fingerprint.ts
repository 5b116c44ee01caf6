import { networkInterfaces } from 'node:os';

/** Changes if this computer gets other addresses, as it does in another network. */
export function networkFingerprint(): string {
  const addresses = Object.entries(networkInterfaces()).flatMap(([name, entries = []]) =>
    entries.filter(({ internal }) => !internal).map(({ address }) => `${name} ${address}`),
  );
  return addresses.toSorted().join('\n');
}
