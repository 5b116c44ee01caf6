// `Listen` by libuv's pipe handle itself.
import { BACKLOG, type Listen, type PeerConnection, type PeerEvents } from './listener.ts';
import { loadPipeBinding, type PipeBinding, type PipeHandle } from './pipe-binding.ts';
import { systemError } from './pipe-connection.ts';

/** `Listen` without node:net, or undefined where the runtime's internals are not as expected. */
export function pipeListener(): Listen | undefined {
  const binding = loadPipeBinding();
  return binding === undefined ? undefined : listenerOf(binding);
}

function listenerOf(binding: PipeBinding): Listen {
  return async (path, accept) => {
    const server = new binding.Pipe(binding.serverType);
    server.onconnection = (status, handle) => {
      // No descriptor left, or the peer has gone: whoever it was asks again.
      if (status === 0 && handle !== undefined) serve(handle, binding, accept);
    };
    const failed = server.bind(path) || server.listen(BACKLOG);
    if (failed !== 0) {
      server.close();
      throw systemError(failed);
    }
    return { close: () => server.close() };
  };
}

function serve(handle: PipeHandle, binding: PipeBinding, accept: (peer: PeerConnection) => PeerEvents): void {
  let isOpen = true;
  let mayWrite = true;
  const destroy = (): void => {
    if (!isOpen) return;
    isOpen = false;
    handle.close();
    events.onClosed();
  };
  /** `then` is called when the system has all of it. */
  const write = (text: string, then: () => void): void => {
    const request = new binding.WriteWrap();
    request.handle = handle;
    request.oncomplete = (status) => (status === 0 ? then() : destroy());
    const failed = handle.writeUtf8String(request, text);
    if (failed !== 0) destroy();
    else if (binding.streamState[binding.writeIsAsyncIndex] === 0) then();
  };
  const finish = (): void => {
    // Windows drops what the peer has not read yet when a pipe is closed without that.
    const request = new binding.ShutdownWrap();
    request.oncomplete = destroy;
    if (process.platform !== 'win32' || !isOpen || handle.shutdown(request) !== 0) destroy();
  };
  const events = accept({
    write: (text) => {
      if (mayWrite && isOpen) write(text, () => undefined);
    },
    end: (text) => {
      if (!mayWrite || !isOpen) return;
      mayWrite = false;
      handle.readStop();
      write(text, finish);
    },
    destroy,
  });
  handle.onread = (chunk) => {
    const size = binding.streamState[binding.readBytesIndex] ?? -1;
    if (size === 0 || !isOpen) return;
    if (size < 0 || chunk === undefined) destroy();
    else events.onData(Buffer.from(chunk, 0, size));
  };
  handle.readStart();
}
