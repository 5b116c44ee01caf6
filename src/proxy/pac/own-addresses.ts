import { createSocket } from 'node:dgram';

/** Public addresses, to find out which interface leads to the internet. Nothing is sent to them. */
const FAR = { udp4: '192.0.2.1', udp6: '2001:db8::1' } as const;

/** The addresses that connections to the internet come from: one IPv4 and one IPv6 address at most. */
export async function ownAddresses(): Promise<readonly string[]> {
  const found = await Promise.all([sourceAddress('udp4'), sourceAddress('udp6')]);
  return found.filter((address) => address !== undefined);
}

/** Connecting a UDP socket only chooses its own address. */
function sourceAddress(type: 'udp4' | 'udp6'): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(type);
    const finish = (address?: string): void => {
      socket.close();
      resolve(address);
    };
    socket.once('error', () => finish());
    socket.connect(53, FAR[type], () => finish(socket.address().address));
  });
}
