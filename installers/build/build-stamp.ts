import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { projectFolder } from './bundle.ts';
import { hashFile } from './hash-file.ts';

/** What went into a build and what came out, by SHA-256. Says whether the last run's files are still right. */
export class BuildStamp {
  readonly #file: string;
  readonly #inputs: Readonly<Record<string, string>>;
  readonly #outputs: readonly string[];

  private constructor(file: string, inputs: Readonly<Record<string, string>>, outputs: readonly string[]) {
    this.#file = file;
    this.#inputs = inputs;
    this.#outputs = outputs;
  }

  /** Hashes the inputs. @param inputs paths by name @param outputs paths */
  static async of(name: string, inputs: Record<string, string>, outputs: readonly string[]): Promise<BuildStamp> {
    return new BuildStamp(join(projectFolder, 'build', `${name}.json`), await hashes(inputs), outputs);
  }

  async isUpToDate(): Promise<boolean> {
    try {
      return isDeepStrictEqual(JSON.parse(readFileSync(this.#file, 'utf8')), await this.#content());
    } catch {
      return false;
    }
  }

  async write(): Promise<void> {
    writeFileSync(this.#file, JSON.stringify(await this.#content()));
  }

  async #content(): Promise<object> {
    const outputs = await hashes(Object.fromEntries(this.#outputs.map((path) => [path, path])));
    return { inputs: this.#inputs, outputs };
  }
}

async function hashes(files: Record<string, string>): Promise<Record<string, string>> {
  const rows = Object.entries(files).map(async ([name, path]) => [name, await hashFile(path)] as const);
  return Object.fromEntries(await Promise.all(rows));
}
