import { describe, expect, it } from 'vitest';
import { type ConnectionEnds, ConnectionOwners } from '../../../src/platform/connection-owner.ts';

const OURS = 0x1f90;
const THEIRS = 0xc350;
const ends: ConnectionEnds = { localPort: OURS, remoteAddress: '127.0.0.1', remotePort: THEIRS };

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     ';
const MAPPED = '0000000000000000FFFF0000';

interface Row {
  readonly from: number;
  readonly to: number;
  readonly uid: number;
  readonly state?: string;
  readonly prefix?: string;
}

/** A row as the kernel writes it. */
function line({ from, to, uid, state = '01', prefix = '' }: Row): string {
  const end = (port: number): string => `${prefix}0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return `   3: ${end(from)} ${end(to)} ${state} 00000000:00000000 00:00000000 00000000 ${String(uid).padStart(5)}        0 12345 1 0000000000000000 20 4 30 10 -1`;
}

const accepted = line({ from: OURS, to: THEIRS, uid: 1000 });
const table = (...lines: readonly string[]): string => [HEAD, ...lines, ''].join('\n');
const peer = (row: Partial<Row>): string => line({ from: THEIRS, to: OURS, uid: 1000, ...row });

/** What the owner is if the kernel shows these tables, one after the other. */
const ownerIn = (...tables: readonly (string | undefined)[]) => {
  let index = 0;
  return new ConnectionOwners(1000, async () => tables[Math.min(index++, tables.length - 1)]).of(ends);
};

describe('the owner of a connection', () => {
  it.each([
    ['this user', peer({}), 'own'],
    ['root, as a relay runs', peer({ uid: 0 }), 'own'],
    ['this user over IPv6 sockets', peer({ prefix: MAPPED }), 'own'],
    ['another user', peer({ uid: 1001 }), 'other'],
    ['another user over IPv6 sockets', peer({ uid: 1001, prefix: MAPPED }), 'other'],
    ['someone who closed it, whom the kernel calls root', peer({ uid: 0, state: '06' }), 'other'],
    ['someone who closes it', peer({ state: '05' }), 'other'],
  ])('%s', async (_, row, owner) => {
    expect(await ownerIn(table(line({ from: 1, to: OURS, uid: 1000 }), accepted, row))).toBe(owner);
  });

  it('is unknown if the other end is in no table, on a second look too', async () => {
    expect(await ownerIn(table(accepted))).toBe('unknown');
  });

  it('is someone else if the other end appears late or has gone', async () => {
    expect(await ownerIn(table(accepted), table(accepted, peer({ uid: 1001 })))).toBe('other');
    expect(await ownerIn(table(accepted), table(line({ from: OURS, to: THEIRS, uid: 1000, state: '08' })))).toBe(
      'other',
    );
    expect(await ownerIn(table(accepted), table())).toBe('other');
  });

  it('is unknown if the system has no tables', async () => {
    expect(await ownerIn(undefined)).toBe('unknown');
    const fails = new ConnectionOwners(1000, () => Promise.reject(new Error('gone')));
    expect(await fails.of(ends)).toBe('unknown');
  });

  it('is someone else for any other address of this computer', async () => {
    const owners = new ConnectionOwners(1000, async () => table(accepted, peer({})));
    expect(await owners.of({ ...ends, remoteAddress: '127.0.0.2' })).toBe('other');
    expect(await owners.of({ ...ends, remoteAddress: undefined })).toBe('other');
  });

  it('is read once for all that came meanwhile', async () => {
    let reads = 0;
    const owners = new ConnectionOwners(1000, async () => {
      reads += 1;
      return table(accepted, peer({}));
    });
    const answers = await Promise.all(Array.from({ length: 100 }, () => owners.of(ends)));
    expect(new Set(answers)).toEqual(new Set(['own']));
    expect(reads).toBe(2);
  });
});
