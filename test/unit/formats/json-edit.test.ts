import { describe, expect, it } from 'vitest';
import { appendElement, removeElement, removeMember, setMember } from '../../../src/formats/json-edit.ts';

describe('a change to JSON text', () => {
  it.each([
    ['two spaces', '{\n  "a": 1,\n  "list": [1.0, 2e3]\n}\n', '{\n  "a": "x",\n  "list": [1.0, 2e3]\n}\n'],
    [
      'tabs and CRLF',
      '{\r\n\t"a": null,\r\n\t"b": "\\u0041"\r\n}\r\n',
      '{\r\n\t"a": "x",\r\n\t"b": "\\u0041"\r\n}\r\n',
    ],
    ['one line', '{"a":[1],"b":[ ]}', '{"a":"x","b":[ ]}'],
    ['nothing there', '{}', '{"a": "x"}'],
    ['nothing there, on two lines', '{\n}', '{\n  "a": "x"\n}'],
    ['another member there', '{\n    "b": 1.50\n}\n', '{\n    "b": 1.50,\n    "a": "x"\n}\n'],
    ['another one on one line', '{"b":1}', '{"b":1,"a": "x"}'],
  ])('sets a member: %s', (_, before, after) => {
    expect(setMember(before, 'a', 'x')).toBe(after);
  });

  it.each([
    ['first of many', '{"a":1,"b":2}', '{"b":2}'],
    ['last of many', '{\n  "b": 2,\n  "a": 1\n}', '{\n  "b": 2\n}'],
    ['the only one', '{"a":1}', '{}'],
    ['not there', '{"b":{"a":1}}', '{"b":{"a":1}}'],
  ])('removes a member: %s', (_, before, after) => {
    expect(removeMember(before, 'a')).toBe(after);
  });

  it.each([
    [
      'four spaces and CRLF',
      '{\r\n    "l": [\r\n        {\r\n            "id": "a"\r\n        }\r\n    ],\r\n    "x": 1.0\r\n}',
      '{\r\n    "l": [\r\n        {\r\n            "id": "a"\r\n        },\r\n        {\r\n            "id": "b"\r\n        }\r\n    ],\r\n    "x": 1.0\r\n}',
    ],
    ['one line', '{"l":[{"id":"a"}],"x":1}', '{"l":[{"id":"a"},{"id":"b"}],"x":1}'],
    ['a list on one line', '{\n  "l": [ {"id": "a"} ]\n}', '{\n  "l": [ {"id": "a"}, {"id":"b"} ]\n}'],
  ])('adds to the end of a list, and takes it off again: %s', (_, before, after) => {
    expect(appendElement(before, 'l', { id: 'b' })).toBe(after);
    expect(removeElement(after, 'l', 1)).toBe(before);
  });

  it('makes a list, or fills an empty one', () => {
    const filled = '{\n  "l": [\n    {\n      "id": "b"\n    }\n  ]\n}';
    expect(appendElement('{\n  "l": []\n}', 'l', { id: 'b' })).toBe(filled);
    expect(JSON.parse(appendElement('{}', 'l', 1))).toEqual({ l: [1] });
    expect(appendElement('{"l":[]}', 'l', 1)).toBe('{"l":[1]}');
    expect(removeElement('{"l":[1,2,3]}', 'l', 0)).toBe('{"l":[2,3]}');
    expect(removeElement('{"l":[1,2,3]}', 'l', 1)).toBe('{"l":[1,3]}');
    expect(removeElement('{"l":[1]}', 'l', 0)).toBe('{"l":[]}');
    expect(removeElement('{"l":[1]}', 'l', 1)).toBe('{"l":[1]}');
  });
});
