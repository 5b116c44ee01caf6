// `Connect` by libuv's pipe handle itself: node:net and node:stream cost a third of the helper's whole start.
import type { Connect, Connection, ConnectionEvents } from './connection.ts';
import { loadPipeBinding, type PipeBinding, type PipeHandle } from './pipe-binding.ts';

/** `Connect` without node:net, or undefined where the runtime's internals are not as expected. */
export function pipeConnector(): Connect | undefined {
  const binding = loadPipeBinding();
  return binding === undefined ? undefined : connectorOf(binding);
}

function connectorOf(binding: PipeBinding): Connect {
  return (path, events) => {
    const handle = new binding.Pipe(binding.clientType);
    const request = new binding.PipeConnectWrap();
    const end = (status: number): void => {
      if (status === 0) {
        events.onConnected(readFrom(handle, binding, events));
        return;
      }
      handle.close();
      events.onFailed(systemError(status));
    };
    request.oncomplete = end;
    const failed = handle.connect(request, path);
    if (failed !== 0) setImmediate(end, failed);
  };
}

/** A handle that is connected, read by these `events`. */
export function readFrom(handle: PipeHandle, binding: PipeBinding, events: ConnectionEvents): Connection {
  let open = true;
  const close = (): void => {
    if (open) handle.close();
    open = false;
  };
  handle.onread = (chunk) => {
    const bytes = binding.streamState[binding.readBytesIndex] ?? -1;
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
      const write = new binding.WriteWrap();
      write.handle = handle;
      write.oncomplete = () => undefined;
      handle.writeUtf8String(write, text);
    },
  };
}

/** libuv's error code as the Error that Node makes of it. */
export function systemError(status: number): Error {
  const code = process.getBuiltinModule('node:util').getSystemErrorName(status);
  return Object.assign(new Error(code), { code });
}
