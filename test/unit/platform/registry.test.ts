import { describe, expect, it } from 'vitest';
import { createRegistry, type RegistryBindings } from '../../../src/platform/registry.ts';

const value = (type: number, bytes: Buffer) => Object.assign(bytes, { type });
const text = (content: string) => Buffer.from(content, 'utf16le');

/** The addon of native-reg 1.1.1, as its C++ source says: `null` for what isn't there. */
class FakeBindings implements RegistryBindings {
  readonly calls: unknown[] = [];
  readonly values: Record<string, ReturnType<RegistryBindings['queryValue']>>;

  constructor(values: Record<string, ReturnType<RegistryBindings['queryValue']>>) {
    this.values = values;
  }
  openKey(...args: unknown[]): unknown {
    this.calls.push(args);
    return args[1] === 'SOFTWARE\\There' ? 'handle' : null;
  }
  enumValueNames = () => Object.keys(this.values);
  enumKeyNames = () => ['Below'];
  queryValue = (_key: unknown, name: string) => this.values[name] ?? null;
  closeKey(key: unknown): void {
    this.calls.push(`close ${String(key)}`);
  }
  createKey(...args: unknown[]): unknown {
    this.calls.push(args);
    return 'made';
  }
  setValue(...args: unknown[]): void {
    this.calls.push(args);
  }
  deleteValue(...args: unknown[]): boolean {
    this.calls.push(args);
    return false;
  }
}

describe('a registry key', () => {
  it('is opened in the 64-bit view to list the keys below it only, and closed', () => {
    const bindings = new FakeBindings({});
    const registry = createRegistry(bindings);
    expect(registry.subkeys('HKEY_CURRENT_USER', 'SOFTWARE\\There')).toEqual(['Below']);
    expect(bindings.calls).toEqual([[0x80000001, 'SOFTWARE\\There', 0, 0x0108], 'close handle']);
    expect(registry.subkeys('HKEY_CURRENT_USER', 'SOFTWARE\\Gone')).toEqual([]);
  });

  it('is opened in the 64-bit view to query values only, and closed', () => {
    const bindings = new FakeBindings({});
    expect(createRegistry(bindings).readKey('HKEY_LOCAL_MACHINE', 'SOFTWARE\\There')).toEqual([]);
    expect(bindings.calls).toEqual([[0x80000002, 'SOFTWARE\\There', 0, 0x101], 'close handle']);
  });

  it("that doesn't exist differs from an empty one", () => {
    expect(createRegistry(new FakeBindings({})).readKey('HKEY_CURRENT_USER', 'SOFTWARE\\Nowhere')).toBeUndefined();
  });

  it('is read with its types', () => {
    const registry = createRegistry(
      new FakeBindings({
        '': value(1, text('default\0')),
        plain: value(1, text('東京 🚀\0')),
        unterminated: value(1, text('x')),
        leftovers: value(1, text('x\0secret')),
        number: value(4, Buffer.from([0xff, 0xff, 0xff, 0xff])),
        short: value(4, Buffer.from([1])),
        expand: value(2, text('%X%\0')),
        many: value(7, text('a\0b\0\0')),
        long: value(11, Buffer.alloc(8)),
        binary: value(3, Buffer.from([0x46, 0])),
        odd: value(99, Buffer.alloc(0)),
        gone: null,
      }),
    );
    const rows = registry.readKey('HKEY_CURRENT_USER', 'SOFTWARE\\There') ?? [];
    expect(rows.map(({ name, type, data }) => [name, type, data])).toEqual([
      ['', 'REG_SZ', 'default'],
      ['plain', 'REG_SZ', '東京 🚀'],
      ['unterminated', 'REG_SZ', 'x'],
      ['leftovers', 'REG_SZ', 'x'],
      ['number', 'REG_DWORD', 0xffff_ffff],
      ['short', 'REG_DWORD', undefined],
      ['expand', 'REG_EXPAND_SZ', undefined],
      ['many', 'REG_MULTI_SZ', undefined],
      ['long', 'REG_QWORD', undefined],
      ['binary', 'REG_BINARY', undefined],
      ['odd', '99', undefined],
    ]);
    expect(rows.flatMap(({ name, bytes }) => (bytes === undefined ? [] : [[name, [...bytes]]]))).toEqual([
      ['binary', [0x46, 0]],
    ]);
  });

  it('is closed when reading it fails', () => {
    const bindings = new FakeBindings({});
    bindings.enumValueNames = () => {
      throw new Error('denied');
    };
    expect(() => createRegistry(bindings).readKey('HKEY_CURRENT_USER', 'SOFTWARE\\There')).toThrow('denied');
    expect(bindings.calls.at(-1)).toBe('close handle');
  });
});

describe('a registry value', () => {
  it('is written as text with its terminator, in the 64-bit view, to a key that is created if needed', () => {
    const bindings = new FakeBindings({});
    createRegistry(bindings).writeText('HKEY_CURRENT_USER', 'SOFTWARE\\New', 'name', '東京');
    const written = ['made', 'name', 1, text('東京\0')];
    expect(bindings.calls).toEqual([[0x80000001, 'SOFTWARE\\New', 0, 0x102], written, 'close made']);
  });

  it("is deleted, and deleting a missing one isn't an error", () => {
    const bindings = new FakeBindings({});
    const registry = createRegistry(bindings);
    registry.deleteValue('HKEY_CURRENT_USER', 'SOFTWARE\\There', 'name');
    registry.deleteValue('HKEY_CURRENT_USER', 'SOFTWARE\\Nowhere', 'name');
    expect(bindings.calls).toEqual([
      [0x80000001, 'SOFTWARE\\There', 0, 0x102],
      ['handle', 'name'],
      'close handle',
      [0x80000001, 'SOFTWARE\\Nowhere', 0, 0x102],
    ]);
  });
});
