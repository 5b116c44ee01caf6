// `Connect` by libuv's pipe handle itself: node:net and node:stream cost a third of the helper's whole start.
// `process.binding` is not public API; the runtime is pinned inside the binary, net-connection.ts stands behind it,
// and both pass the same tests.
import type { Connect, Connection } from './connection.ts';

interface PipeHandle {
  onread: (chunk: ArrayBuffer | undefined) => void;
  connect(request: object, path: string): number;
  readStart(): number;
  writeUtf8String(request: object, text: string): number;
  close(): void;
}

interface Bindings {
  readonly Pipe: new (type: number) => PipeHandle;
  readonly PipeConnectWrap: new () => { oncomplete?: (status: number) => void };
  readonly WriteWrap: new () => { handle?: PipeHandle; oncomplete?: () => void; async?: boolean };
  readonly socketType: number;
  readonly streamState: Int32Array;
  readonly readBytesIndex: number;
}

/** The internal binding, or undefined where this runtime does not have it in the known shape. */
function loadBindings(): Bindings | undefined {
  try {
    const binding = (process as unknown as { binding(name: string): Record<string, unknown> }).binding;
    const pipe = binding('pipe_wrap');
    const stream = binding('stream_wrap');
    const bindings = {
      Pipe: pipe['Pipe'],
      PipeConnectWrap: pipe['PipeConnectWrap'],
      WriteWrap: stream['WriteWrap'],
      socketType: (pipe['constants'] as Record<string, unknown>)['SOCKET'],
      streamState: stream['streamBaseState'],
      readBytesIndex: stream['kReadBytesOrError'],
    };
    for (const name in bindings) {
      if (bindings[name as keyof typeof bindings] === undefined) return undefined;
    }
    return bindings as unknown as Bindings;
  } catch {
    return undefined;
  }
}

/** `Connect` without node:net, or undefined where the runtime's internals are not as expected. */
export function pipeConnector(): Connect | undefined {
  const bindings = loadBindings();
  if (bindings === undefined) return undefined;
  return (path, events) =>
    new Promise((resolve, reject) => {
      const handle = new bindings.Pipe(bindings.socketType);
      const request = new bindings.PipeConnectWrap();
      request.oncomplete = (status) => {
        if (status !== 0) {
          handle.close();
          reject(systemError(status));
          return;
        }
        resolve(readFrom(handle, bindings, events));
      };
      const failed = handle.connect(request, path);
      if (failed !== 0) {
        handle.close();
        reject(systemError(failed));
      }
    });
}

function readFrom(handle: PipeHandle, bindings: Bindings, events: Parameters<Connect>[1]): Connection {
  let open = true;
  const close = (): void => {
    if (open) handle.close();
    open = false;
  };
  handle.onread = (chunk) => {
    const bytes = bindings.streamState[bindings.readBytesIndex] ?? -1;
    if (!open || bytes === 0) return;
    if (bytes > 0 && chunk !== undefined) {
      events.onData(Buffer.from(chunk, 0, bytes));
      return;
    }
    close();
    events.onEnd();
  };
  handle.readStart();
  return {
    close,
    write: (text) => {
      if (!open) return;
      const write = new bindings.WriteWrap();
      write.handle = handle;
      write.oncomplete = () => undefined;
      write.async = false;
      handle.writeUtf8String(write, text);
    },
  };
}

function systemError(status: number): Error {
  const code = process.getBuiltinModule('node:util').getSystemErrorName(status);
  return Object.assign(new Error(code), { code });
}
