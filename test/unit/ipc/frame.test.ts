import { describe, expect, it } from 'vitest';
import { encodeFrame, FrameError, FrameReader } from '../../../src/ipc/frame.ts';
import { MAX_FRAME_BYTES } from '../../../src/ipc/protocol.ts';

describe('FrameReader', () => {
  it('puts frames together from single bytes, also inside a multi-byte character', () => {
    const reader = new FrameReader();
    const bytes = Buffer.from(encodeFrame({ name: 'Zürich ☃' }) + encodeFrame([1]));
    const frames = [...bytes].flatMap((byte) => reader.push(Buffer.from([byte])));
    expect(frames).toEqual([{ name: 'Zürich ☃' }, [1]]);
  });

  it('takes a frame of exactly 64 KiB and refuses one byte more', () => {
    const exact = `"${'x'.repeat(MAX_FRAME_BYTES - 2)}"`;
    expect(new FrameReader().push(Buffer.from(`${exact}\n`))).toHaveLength(1);
    expect(() => new FrameReader().push(Buffer.from(`"x${exact.slice(1)}\n`))).toThrow(/64 KiB/);
  });

  it("refuses before the line ends, so that a peer can't grow the heap", () => {
    const reader = new FrameReader();
    reader.push(Buffer.alloc(MAX_FRAME_BYTES, 0x20));
    expect(() => reader.push(Buffer.from(' '))).toThrow(/64 KiB/);
  });

  it("doesn't quote what isn't JSON: it may hold a token", () => {
    const reader = new FrameReader();
    const read = () => reader.push(Buffer.from('eyJ-canary\n'));
    expect(read).toThrow(FrameError);
    expect(read).toThrow(expect.objectContaining({ message: expect.not.stringContaining('canary') }));
  });

  it('refuses a frame of too many parts without parsing it, and nothing after it', () => {
    const small = encodeFrame({ a: ['b'] });
    const frames = new FrameReader(6).frames(Buffer.from(`${small}${'['.repeat(7)}\n`));
    expect(frames.next().value).toEqual({ a: ['b'] });
    // It isn't JSON, but that's not known yet.
    expect(() => frames.next()).toThrow(/too many parts/);
  });

  it('parses a frame only when it is asked for', () => {
    const frames = new FrameReader().frames(Buffer.from('1\nnot JSON\n'));
    expect(frames.next().value).toBe(1);
    expect(() => frames.next()).toThrow(FrameError);
  });

  it('reads JSON nested as deep as a frame allows', () => {
    const depth = 30_000;
    expect(new FrameReader().push(Buffer.from(`${'['.repeat(depth)}${']'.repeat(depth)}\n`))).toHaveLength(1);
  });
});
