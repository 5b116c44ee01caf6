import { describe, expect, it } from 'vitest';
import { findJsonFault } from '../../../src/formats/json-fault.ts';
import { parseJsonObject } from '../../../src/formats/json-object.ts';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** Deterministic, so that a failure can be repeated (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

describe('findJsonFault', () => {
  it.each([
    ['{\n  "a": 1,\n}', 3, 1, /comma before this }/],
    ['["a",]', 1, 6, /comma before this ]/],
    ['{\r\n  "a" 1}', 2, 7, /colon/],
    ['{"a":1 "b":2}', 1, 8, /comma/],
    ['{"a": tru}', 1, 7, /value is expected/],
    ["{'a': 1}", 1, 2, /double quotes/],
    ['{a: 1}', 1, 2, /name in double quotes/],
    ['{"a": 1 // why\n}', 1, 9, /no comments/],
    ['{"path": "C:\\ca"}', 1, 10, /backslash/],
    ['{"a": "x\ny"}', 1, 7, /line break/],
    ['{"a": 1', 1, 8, /ends too early/],
    ['', 1, 1, /ends too early/],
    ['{} x', 1, 4, /continues/],
    ['{"a": 01}', 1, 8, /comma/],
    ['{"a": [1}', 1, 9, /closing bracket/],
  ])('places the fault of %j', (text, line, column, reason) => {
    expect(findJsonFault(text)).toMatchObject({ line, column, reason: expect.stringMatching(reason) });
    expect(isJson(text)).toBe(false);
  });

  it('agrees with JSON.parse on damaged documents', () => {
    const random = randomFrom(20261122);
    const sound = '{"a":[1,-2.5e3,true,{"b":null}],"c":"x\\u00e9\\n","d":{},"e":[]}';
    const pieces = ['{', '}', '[', ']', ',', ':', '"', '\\', '0', '-', 'e', '.', 't', ' ', '\n', "'", 'null', '"k":'];
    let damaged = 0;
    for (let round = 0; round < 5000; round += 1) {
      let text = sound;
      for (let cut = 0; cut <= random() * 3; cut += 1) {
        const at = Math.floor(random() * (text.length + 1));
        const piece = pieces[Math.floor(random() * pieces.length)] ?? '';
        text = text.slice(0, at) + piece + text.slice(at + Math.floor(random() * 3));
      }
      if (!isJson(text)) damaged += 1;
      expect(findJsonFault(text) === undefined, text).toBe(isJson(text));
    }
    expect(damaged).toBeGreaterThan(1000);
  });

  it('survives a megabyte of brackets and a megabyte of text', () => {
    expect(findJsonFault('['.repeat(1024 * 1024))).toMatchObject({ line: 1, column: 1024 * 1024 + 1 });
    expect(findJsonFault(`{"a": "${'x'.repeat(1024 * 1024)}", }`)?.reason).toMatch(/one too many/);
  });
});

describe('parseJsonObject', () => {
  it('refuses other values than objects', () => {
    for (const text of ['[]', 'null', '"a"', '1']) {
      expect(parseJsonObject(text)).toEqual({ state: 'unreadable', reason: "isn't a JSON object" });
    }
  });

  it("doesn't repeat the text", () => {
    expect(JSON.stringify(parseJsonObject('{"proxy": c4n4ry}'))).not.toContain('c4n4ry');
  });
});
