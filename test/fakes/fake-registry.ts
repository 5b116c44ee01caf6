import type { Hive, Registry, RegistryValue } from '../../src/platform/registry.ts';
import { parseRegistryFile } from '../../src/rollout/registry-file.ts';

/** Keys by hive and path, upper and lower case the same, as `reg import` would leave them. */
export class FakeRegistry implements Registry {
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
}
