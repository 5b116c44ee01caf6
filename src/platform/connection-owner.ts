// Whose program is at the other end of a connection to 127.0.0.1. Linux tells in /proc/net; other systems don't.
import { readFile } from 'node:fs/promises';

/**
 * `unknown`: the system doesn't tell, or the other end is in another virtual machine, as with Windows' browser and WSL.
 */
export type ConnectionOwner = 'own' | 'other' | 'unknown';

/** The ends of an accepted connection, as `net.Socket` names them. */
export interface ConnectionEnds {
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** Reads the kernel's tables of TCP connections over IPv4 and IPv6. Resolves to undefined if there are none. */
export type ReadTables = () => Promise<string | undefined>;

interface Question {
  readonly ends: ConnectionEnds;
  readonly answer: (owner: ConnectionOwner) => void;
  /** The table before didn't list the other end. */
  wasUnlisted: boolean;
}

/** One end of a connection between two ports of 127.0.0.1. */
interface Row {
  readonly isEstablished: boolean;
  readonly uid: number;
}

/**
 * Tells who connected to a port of 127.0.0.1 that this user listens on. Reading the tables takes milliseconds, so it's
 * done on another thread, and once for all connections that came meanwhile: a flood makes no one wait for its length.
 * https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html
 */
export class ConnectionOwners {
  readonly #uid: number | undefined;
  readonly #read: ReadTables;
  #questions: Question[] = [];
  #isReading = false;

  constructor(uid: number | undefined = process.getuid?.(), read: ReadTables = readTables) {
    this.#uid = uid;
    this.#read = read;
  }

  /**
   * Resolves to the user that connected. Root counts as this user: relays such as WSL's run as root, and root can read
   * everything anyway. A connection that its other end is closing is `other`, because the kernel no longer says who
   * opened it. Never rejects.
   */
  of(ends: ConnectionEnds): Promise<ConnectionOwner> {
    if (this.#uid === undefined) return Promise.resolve('unknown');
    if (ends.remoteAddress !== '127.0.0.1') return Promise.resolve('other');
    return new Promise((answer) => {
      this.#questions.push({ ends, answer, wasUnlisted: false });
      void this.#answerAll();
    });
  }

  async #answerAll(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#questions.length > 0) {
      const questions = this.#questions;
      this.#questions = [];
      const tables = await this.#read().catch(() => undefined);
      const rows = tables === undefined ? undefined : parseTables(tables);
      for (const question of questions) this.#answer(question, rows);
    }
    this.#isReading = false;
  }

  #answer(question: Question, rows: ReadonlyMap<string, Row> | undefined): void {
    const { localPort = 0, remotePort = 0 } = question.ends;
    const peer = rows?.get(keyOf(remotePort, localPort));
    const isListed = rows?.get(keyOf(localPort, remotePort))?.isEstablished === true;
    if (rows === undefined) question.answer('unknown');
    else if (peer !== undefined)
      question.answer(peer.isEstablished && (peer.uid === this.#uid || peer.uid === 0) ? 'own' : 'other');
    // The kernel doesn't list both ends at the same moment, so only a second look shows that the peer isn't listed.
    else if (question.wasUnlisted) question.answer(isListed ? 'unknown' : 'other');
    else this.#questions.push({ ...question, wasUnlisted: true });
  }
}

/** 127.0.0.1 in the byte order of x64 and arm64. A socket for both IP versions has an IPv4-mapped address. */
const LOOPBACK = /^(?:0000000000000000FFFF0000)?0100007F:([0-9A-F]{4})$/;
/** `TCP_ESTABLISHED` of the kernel's tcp_states.h. */
const ESTABLISHED = '01';

/** By the socket's own port and the one that it's connected to. */
function parseTables(tables: string): ReadonlyMap<string, Row> {
  const rows = new Map<string, Row>();
  for (const line of tables.split('\n')) {
    // A flood leaves tens of thousands of rows behind, so this doesn't split them by a pattern.
    const [, local = '', remote = '', state] = line.trim().split(' ', 4);
    const [port, peerPort] = [portOf(local), portOf(remote)];
    if (port === undefined || peerPort === undefined) continue;
    const isEstablished = state === ESTABLISHED;
    rows.set(keyOf(port, peerPort), { isEstablished, uid: isEstablished ? uidOf(line) : Number.NaN });
  }
  return rows;
}

/** This column is padded with spaces. */
const uidOf = (line: string): number => Number(line.trim().split(/\s+/)[7]);

function portOf(address: string): number | undefined {
  const [, port] = LOOPBACK.exec(address) ?? [];
  return port === undefined ? undefined : Number.parseInt(port, 16);
}

function keyOf(port: number, peerPort: number): string {
  return `${port}:${peerPort}`;
}

async function readTables(): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  const [tcp, tcp6] = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(readQuietly));
  return tcp === undefined ? undefined : `${tcp}\n${tcp6 ?? ''}`;
}

/** Undefined if /proc isn't mounted, or IPv6 is off. */
function readQuietly(path: string): Promise<string | undefined> {
  return readFile(path, 'latin1').catch(() => undefined);
}
