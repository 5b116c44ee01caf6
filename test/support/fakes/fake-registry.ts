import { parseRegistryFile } from '../../../src/formats/registry-file.ts';
import type { Hive, RegistryValue, WritableRegistry } from '../../../src/platform/registry.ts';

/** Keys by hive and path, upper and lower case the same, as `reg import` would leave them. */
export class FakeRegistry implements WritableRegistry {
  readonly #keys = new Map<string, readonly RegistryValue[]>();
  /** Thrown by every reading when set. */
  error: Error | undefined;

  set(hive: Hive, path: string, values: readonly RegistryValue[] | undefined): void {
    const key = `${hive}\\${path}`.toLowerCase();
    if (values === undefined) this.#keys.delete(key);
    else this.#keys.set(key, values);
  }

  /** The text of a registry export. */
  import(text: string): void {
    for (const { path, values } of parseRegistryFile(text)) {
      this.#keys.set(
        path.toLowerCase(),
        values.map(({ name, type, data }) => ({ name, type, data })),
      );
    }
  }

  readKey(hive: Hive, path: string): readonly RegistryValue[] | undefined {
    if (this.error !== undefined) throw this.error;
    return this.#keys.get(`${hive}\\${path}`.toLowerCase());
  }

  writeText(hive: Hive, path: string, name: string, text: string): void {
    if (this.error !== undefined) throw this.error;
    this.deleteValue(hive, path, name);
    this.set(hive, path, [...(this.readKey(hive, path) ?? []), { name, type: 'REG_SZ', data: text }]);
  }

  deleteValue(hive: Hive, path: string, name: string): void {
    const values = this.readKey(hive, path);
    this.set(
      hive,
      path,
      values?.filter((value) => value.name !== name),
    );
  }
}
