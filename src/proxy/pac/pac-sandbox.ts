// Runs a PAC file in QuickJS, compiled to plain JavaScript: the agent runs without WebAssembly (`--jitless`). The file
// comes from the network, often unencrypted. It gets the functions of pac-functions.ts, and nothing from Node.
import variant from '@jitl/quickjs-asmjs-mjs-release-sync';
import {
  newQuickJSWASMModuleFromVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core';
import { type PacHost, type PacValue, pacFunctions } from './pac-functions.ts';

export interface PacSandboxOptions {
  readonly script: string;
  readonly host: PacHost;
  /** Whether the time for what runs now is over; asked repeatedly. */
  readonly isOver: () => boolean;
}

export interface PacSandbox {
  /** What the file answers, for example `PROXY a:8080; DIRECT`. @throws Error if it fails */
  find(url: string, host: string): string;
}

const MEMORY_BYTES = 32 * 1024 * 1024;
const STACK_BYTES = 256 * 1024;
const MAX_ANSWER = 16 * 1024;

/** The engine, which takes a moment to load. */
export const loadEngine = (): Promise<QuickJSWASMModule> => newQuickJSWASMModuleFromVariant(variant);

/** Evaluates the file once; `find` then calls its function. @throws Error if it's not a PAC file */
export function openPacSandbox(module: QuickJSWASMModule, { script, host, isOver }: PacSandboxOptions): PacSandbox {
  const runtime = module.newRuntime({ memoryLimitBytes: MEMORY_BYTES, maxStackSizeBytes: STACK_BYTES });
  runtime.setInterruptHandler(isOver);
  const context = runtime.newContext();
  for (const [name, run] of Object.entries(pacFunctions(host))) {
    const handle = context.newFunction(name, (...args) =>
      toHandle(context, run(...args.map((arg) => toValue(context, arg)))),
    );
    context.setProp(context.global, name, handle);
    handle.dispose();
  }
  unwrap(context, context.evalCode(script, 'proxy.pac', { type: 'global' })).dispose();
  return { find: (url, target) => find(context, url, target) };
}

function find(context: QuickJSContext, url: string, host: string): string {
  const entry = entryOf(context);
  const args = [context.newString(url), context.newString(host)];
  try {
    const result = unwrap(context, context.callFunction(entry, context.undefined, ...args));
    const answer = toValue(context, result);
    result.dispose();
    if (answer === null || answer === undefined) return '';
    if (typeof answer !== 'string') throw new Error('it returned something other than text');
    return answer.slice(0, MAX_ANSWER);
  } finally {
    for (const handle of [entry, ...args]) handle.dispose();
  }
}

/** Windows calls the second one, if it's all that a file has. */
function entryOf(context: QuickJSContext): QuickJSHandle {
  for (const name of ['FindProxyForURL', 'FindProxyForURLEx']) {
    const handle = context.getProp(context.global, name);
    if (context.typeof(handle) === 'function') return handle;
    handle.dispose();
  }
  throw new Error('it has no function FindProxyForURL');
}

type Result = ReturnType<QuickJSContext['evalCode']>;

function unwrap(context: QuickJSContext, result: Result): QuickJSHandle {
  if (result.error === undefined) return result.value;
  const failure: unknown = context.dump(result.error);
  result.error.dispose();
  throw new Error(describe(failure));
}

/** An error's class and message are the file's own text, so they're short and the caller makes them printable. */
function describe(failure: unknown): string {
  if (typeof failure !== 'object' || failure === null) return 'it threw something other than an error';
  const { name, message } = failure as { readonly name?: unknown; readonly message?: unknown };
  if (name === 'InternalError' && message === 'interrupted') return 'it took too long';
  return `${String(name)}: ${String(message)}`.slice(0, 120);
}

function toValue(context: QuickJSContext, handle: QuickJSHandle): PacValue {
  switch (context.typeof(handle)) {
    case 'string':
    case 'number':
    case 'boolean':
      return context.dump(handle) as PacValue;
    case 'undefined':
      return undefined;
    default:
      return context.sameValue(handle, context.null) ? null : context.getString(handle);
  }
}

function toHandle(context: QuickJSContext, value: PacValue): QuickJSHandle {
  switch (typeof value) {
    case 'string':
      return context.newString(value);
    case 'number':
      return context.newNumber(value);
    case 'boolean':
      return value ? context.true : context.false;
    default:
      return value === null ? context.null : context.undefined;
  }
}
