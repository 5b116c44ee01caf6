import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ClientHandshake, ServerHandshake } from '../../../src/ipc/windows-handshake.ts';

const path = '\\\\.\\pipe\\foundry-credential-helper-test';
const key = randomBytes(32);

describe('handshake over a named pipe', () => {
  it('lets both ends prove the key', () => {
    const client = new ClientHandshake(key, path);
    const server = new ServerHandshake(key, path);
    const answer = client.answer(server.challenge(client.hello()));
    expect(server.verify(answer)).toBe(true);
  });

  it.each([
    ['another key', randomBytes(32), path],
    ['another pipe', key, `${path}2`],
  ])("a server with %s isn't answered", (_, otherKey, otherPath) => {
    const client = new ClientHandshake(key, path);
    const squatter = new ServerHandshake(otherKey, otherPath);
    const challenge = squatter.challenge(client.hello());
    expect(challenge).toBeDefined();
    expect(client.answer(challenge)).toBeUndefined();
  });

  it("a server that turns the client proof round, or sends nothing, isn't answered", () => {
    const client = new ClientHandshake(key, path);
    const hello = client.hello() as { nonce: string };
    for (const reply of [{ nonce: hello.nonce, proof: hello.nonce }, {}, null, 'x', { nonce: 1, proof: 2 }]) {
      expect(client.answer(reply)).toBeUndefined();
    }
  });

  it('a client without the key, or with a proof of an earlier connection, is refused', () => {
    const server = new ServerHandshake(key, path);
    const client = new ClientHandshake(key, path);
    const challenge = server.challenge(client.hello());
    const proof = client.answer(challenge);
    const later = new ServerHandshake(key, path);
    later.challenge(client.hello());
    expect(later.verify(proof)).toBe(false);
    expect(server.verify({ proof: randomBytes(32).toString('base64') })).toBe(false);
    expect(new ServerHandshake(key, path).verify(proof)).toBe(false);
  });

  it("a server doesn't answer anything other than a hello", () => {
    for (const hello of [{}, null, 'x', { nonce: 1 }, { nonce: 'x'.repeat(101) }]) {
      expect(new ServerHandshake(key, path).challenge(hello)).toBeUndefined();
    }
  });
});
