// Reads and writes the Windows registry through the addon of the npm package `native-reg`.

export type Hive = 'HKEY_LOCAL_MACHINE' | 'HKEY_CURRENT_USER';

export interface RegistryValue {
  /** Empty for the key's default value. */
  readonly name: string;
  /** `REG_SZ`, `REG_DWORD`, …; the number itself if it has no name. */
  readonly type: string;
  /** Text, number, or `undefined` for every other type. */
  readonly data: string | number | undefined;
  /** Of a REG_BINARY. */
  readonly bytes?: Buffer;
}

export interface Registry {
  /** The key's own values, without subkeys; `undefined` if there's no such key. @throws the system's error */
  readKey(hive: Hive, path: string): readonly RegistryValue[] | undefined;
}

export interface RegistryKeys {
  /** The names of the keys directly below this one; none if there's no such key. @throws the system's error */
  subkeys(hive: Hive, path: string): readonly string[];
}

export interface WritableRegistry extends Registry {
  /** Writes a REG_SZ and creates the key if necessary. @throws the system's error */
  writeText(hive: Hive, path: string, name: string, text: string): void;
  /** Deleting a missing value isn't an error. @throws the system's error */
  deleteValue(hive: Hive, path: string, name: string): void;
}

/** The addon's own exports, without the checks and names that its npm package adds. */
export interface RegistryBindings {
  openKey(hive: number, path: string, options: number, access: number): unknown;
  enumValueNames(key: unknown): string[];
  enumKeyNames(key: unknown): string[];
  queryValue(key: unknown, name: string): (Buffer & { readonly type: number }) | null;
  closeKey(key: unknown): void;
  createKey(hive: number, path: string, options: number, access: number): unknown;
  setValue(key: unknown, name: string, type: number, data: Buffer): void;
  /** False if there was none. */
  deleteValue(key: unknown, name: string): boolean;
}

/** winreg.h */
const HIVES: Readonly<Record<Hive, number>> = { HKEY_LOCAL_MACHINE: 0x80000002, HKEY_CURRENT_USER: 0x80000001 };
/** winnt.h: KEY_QUERY_VALUE | KEY_WOW64_64KEY, because policy is written to the 64-bit view. */
const ACCESS = 0x0001 | 0x0100;
/** KEY_ENUMERATE_SUB_KEYS | KEY_WOW64_64KEY */
const LIST_ACCESS = 0x0008 | 0x0100;
/** KEY_SET_VALUE | KEY_WOW64_64KEY */
const WRITE_ACCESS = 0x0002 | 0x0100;
const REG_SZ = 1;
const TYPES = ['REG_NONE', 'REG_SZ', 'REG_EXPAND_SZ', 'REG_BINARY', 'REG_DWORD', 'REG_DWORD_BIG_ENDIAN', 'REG_LINK'];
const FURTHER_TYPES: Readonly<Record<number, string>> = { 7: 'REG_MULTI_SZ', 11: 'REG_QWORD' };

export function createRegistry(bindings: RegistryBindings): WritableRegistry & RegistryKeys {
  function closing<T>(key: unknown, use: () => T): T {
    try {
      return use();
    } finally {
      bindings.closeKey(key);
    }
  }
  return {
    readKey(hive, path) {
      const key = bindings.openKey(HIVES[hive], path, 0, ACCESS);
      if (key === null) return undefined;
      return closing(key, () =>
        bindings.enumValueNames(key).flatMap((name) => {
          const value = bindings.queryValue(key, name);
          // Deleted since it was listed.
          return value === null ? [] : [registryValue(name, value)];
        }),
      );
    },
    subkeys(hive, path) {
      const key = bindings.openKey(HIVES[hive], path, 0, LIST_ACCESS);
      return key === null ? [] : closing(key, () => bindings.enumKeyNames(key));
    },
    writeText(hive, path, name, text) {
      const key = bindings.createKey(HIVES[hive], path, 0, WRITE_ACCESS);
      closing(key, () => bindings.setValue(key, name, REG_SZ, Buffer.from(`${text}\0`, 'utf16le')));
    },
    deleteValue(hive, path, name) {
      const key = bindings.openKey(HIVES[hive], path, 0, WRITE_ACCESS);
      if (key !== null) closing(key, () => bindings.deleteValue(key, name));
    },
  };
}

function registryValue(name: string, value: Buffer & { readonly type: number }): RegistryValue {
  const type = typeName(value.type);
  return { name, type, data: decode(type, value), ...(type === 'REG_BINARY' ? { bytes: value } : {}) };
}

const typeName = (type: number): string => TYPES[type] ?? FURTHER_TYPES[type] ?? String(type);

function decode(type: string, bytes: Buffer): string | number | undefined {
  switch (type) {
    case 'REG_SZ':
      // The text ends at the terminator. Some writers omit it, others leave old buffer content after it.
      return bytes.toString('utf16le').split('\0', 1)[0];
    case 'REG_DWORD':
      return bytes.length === 4 ? bytes.readUInt32LE() : undefined;
    default:
      return undefined;
  }
}
