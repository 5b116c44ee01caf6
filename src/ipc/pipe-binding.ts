// libuv's pipe handles as Node itself has them. `process.binding` isn't public API, but the runtime is pinned inside
// the binary, and the helper falls back to node:net without it.

/** All functions return 0, or libuv's error code. */
export interface PipeHandle {
  onread: (chunk: ArrayBuffer | undefined) => void;
  connect(request: object, path: string): number;
  readStart(): number;
  readStop(): number;
  writeUtf8String(request: object, text: string): number;
  close(): void;
}

/** A request that libuv may end later; `oncomplete` isn't called for one that it ends immediately. */
type Wrap = new () => { handle?: PipeHandle; oncomplete?: (status: number) => void };

export interface PipeBinding {
  readonly Pipe: new (type: number) => PipeHandle;
  readonly PipeConnectWrap: Wrap;
  readonly WriteWrap: Wrap;
  readonly clientType: number;
  /** What the last call left, at the place below. */
  readonly streamState: Int32Array;
  readonly readBytesIndex: number;
}

/** Undefined if this runtime doesn't have it in the known shape. */
export function loadPipeBinding(): PipeBinding | undefined {
  try {
    const load = (process as unknown as { binding(name: string): Record<string, unknown> }).binding;
    const pipe = load('pipe_wrap');
    const stream = load('stream_wrap');
    const { SOCKET } = pipe['constants'] as Record<string, unknown>;
    const binding = {
      Pipe: pipe['Pipe'],
      PipeConnectWrap: pipe['PipeConnectWrap'],
      WriteWrap: stream['WriteWrap'],
      clientType: SOCKET,
      streamState: stream['streamBaseState'],
      readBytesIndex: stream['kReadBytesOrError'],
    };
    for (const name in binding) {
      if (binding[name as keyof typeof binding] === undefined) return undefined;
    }
    return binding as unknown as PipeBinding;
  } catch {
    return undefined;
  }
}
