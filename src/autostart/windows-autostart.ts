// Windows: a scheduled task. Programs that Claude Desktop starts can create and run one, and what it starts runs
// outside Claude Desktop's package. (A value of the Run key would land in the package's private registry.)
import { join } from 'node:path';
import { AppError } from '../core/errors.ts';
import { ensurePrivateFolder, removeQuietly, writePrivateFile } from '../platform/private-file.ts';
import type { WritableRegistry } from '../platform/registry.ts';
import type { Autostart, AutostartEntry, Installation } from './autostart.ts';
import { removeRunValues, runEntries } from './run-key.ts';
import { isSamePrinted, type Refusal, type Schtasks } from './schtasks.ts';
import { forgetTask, mayCreateTask, noteTask } from './task-attempts.ts';
import { MACHINE_TASK, TASK_ARGUMENTS, type Task, taskFile, userTaskName } from './task-xml.ts';

export interface WindowsSystem {
  readonly schtasks: Schtasks;
  /** The user's security identifier; undefined if it can't be found out. */
  readonly sid: () => Promise<string | undefined>;
  /** Loaded only if something is to be read from the registry. */
  readonly registry: () => Promise<WritableRegistry>;
  readonly stateFolder: string;
  /** Full paths of this program and its launcher, as `program` of an entry has them. */
  readonly ownPrograms: readonly string[];
}

const PLACE = 'Task Scheduler\\';
const UNKNOWN_USER = "Windows doesn't say who you are; keep foundry-credential-helperw.exe next to this program";

export class WindowsAutostart implements Autostart {
  readonly #system: WindowsSystem;

  constructor(system: WindowsSystem) {
    this.#system = system;
  }

  /** Tasks, then what's left in the Run key. Disabled ones come last: they start nothing. */
  async entries(): Promise<readonly AutostartEntry[]> {
    const [tasks, registry] = await Promise.all([this.taskEntries(), this.#system.registry()]);
    return disabledLast([...tasks, ...runEntries(registry)]);
  }

  /** The user's task and the one for all users, without reading the registry. */
  async taskEntries(): Promise<readonly AutostartEntry[]> {
    const [own, machine] = await Promise.all([
      this.#system.sid().then((sid) => this.#taskEntry(sid && userTaskName(sid), 'user')),
      this.#taskEntry(MACHINE_TASK, 'system'),
    ]);
    return disabledLast([own, machine].flat());
  }

  async install(program: string): Promise<Installation> {
    const { registry, stateFolder } = this.#system;
    const name = await this.#userTask();
    const place = PLACE + name;
    forgetTask(stateFolder);
    const [found] = await this.#taskEntry(name, 'user');
    const isDone = found?.enabled === true && found.program.toLowerCase() === program.toLowerCase();
    if (!isDone) must(await this.#create(name, program), place);
    const removed = removeRunValues(await registry());
    return { changed: !isDone || removed.length > 0, place };
  }

  /**
   * Creates the user's task unless the user has removed it, or the system refused within the last day.
   * @returns its entry; undefined if there's none now. Never throws.
   */
  async createOnce(program: string): Promise<AutostartEntry | undefined> {
    const { stateFolder, sid } = this.#system;
    const name = await sid().then((id) => id && userTaskName(id));
    if (!name || !mayCreateTask(stateFolder)) return undefined;
    try {
      if ((await this.#create(name, program)) === undefined) return (await this.#taskEntry(name, 'user'))[0];
    } catch {
      // As if it had been refused.
    }
    noteTask(stateFolder, 'refused');
    return undefined;
  }

  async uninstall(): Promise<readonly string[]> {
    const { schtasks, registry, sid, stateFolder } = this.#system;
    const id = await sid();
    const name = id && userTaskName(id);
    const removed: string[] = [];
    if (name && (await schtasks.query(name)) !== undefined) {
      must(await schtasks.delete(name), PLACE + name);
      removed.push(PLACE + name);
    }
    noteTask(stateFolder, 'declined');
    return [...removed, ...removeRunValues(await registry())];
  }

  /** Runs the task. A value of the Run key starts nothing before the next log-on. */
  async start({ kind, enabled, place }: AutostartEntry): Promise<boolean> {
    return kind === 'scheduled-task' && enabled && this.#system.schtasks.run(place.slice(PLACE.length));
  }

  async #userTask(): Promise<string> {
    const sid = await this.#system.sid();
    if (sid === undefined) throw new AppError('ERR_AUTOSTART', { detail: UNKNOWN_USER });
    return userTaskName(sid);
  }

  async #taskEntry(name: string | undefined, scope: AutostartEntry['scope']): Promise<AutostartEntry[]> {
    const task = name ? await this.#system.schtasks.query(name) : undefined;
    if (task === undefined) return [];
    const { enabled } = task;
    return [{ kind: 'scheduled-task', scope, enabled, place: PLACE + name, program: this.#programOf(task) }];
  }

  /** Empty for a task that does something else. */
  #programOf({ program, arguments: args }: Task): string {
    if (args !== TASK_ARGUMENTS) return '';
    return this.#system.ownPrograms.find((own) => isSamePrinted(program, own)) ?? program;
  }

  /** Returns why not, if so. @throws AppError ERR_AUTOSTART, ERR_STATE_UNWRITABLE */
  async #create(name: string, program: string): Promise<Refusal | undefined> {
    // The scheduler would put a variable's value there.
    if (program.includes('%')) {
      throw new AppError('ERR_AUTOSTART', { detail: `a task can't start a program with "%" in its path: ${program}` });
    }
    const { stateFolder, schtasks } = this.#system;
    const id = (await this.#system.sid()) ?? '';
    const file = join(stateFolder, 'task.xml');
    ensurePrivateFolder(stateFolder);
    writePrivateFile(file, taskFile({ program, principal: { kind: 'user', id } }));
    try {
      return await schtasks.create(name, file);
    } finally {
      removeQuietly(file);
    }
  }
}

function disabledLast(entries: readonly AutostartEntry[]): readonly AutostartEntry[] {
  return [...entries.filter(({ enabled }) => enabled), ...entries.filter(({ enabled }) => !enabled)];
}

function must(refusal: Refusal | undefined, place: string): void {
  if (refusal === undefined) return;
  const said = refusal.message === '' ? '' : `: ${refusal.message}`;
  throw new AppError('ERR_AUTOSTART', { detail: `${place}${said} (schtasks exit code ${refusal.exitCode ?? 'none'})` });
}
