// libuv's pipe handles as Node itself has them. `process.binding` is not public API: the runtime is pinned inside the
// binary, node:net stands behind each use, and both ways pass the same tests.

export interface PipeHandle {
  onread: (chunk: ArrayBuffer | undefined) => void;
  connect(request: object, path: string): number;
  readStart(): number;
  readStop(): number;
  writeUtf8String(request: object, text: string): number;
  close(): void;
}

export interface PipeBinding {
  readonly Pipe: new (type: number) => PipeHandle;
  readonly PipeConnectWrap: new () => { oncomplete?: (status: number) => void };
  readonly WriteWrap: new () => { handle?: PipeHandle; oncomplete?: () => void; async?: boolean };
  readonly clientType: number;
  readonly streamState: Int32Array;
  readonly readBytesIndex: number;
}

/** Undefined where this runtime does not have it in the known shape. */
export function loadPipeBinding(): PipeBinding | undefined {
  try {
    const load = (process as unknown as { binding(name: string): Record<string, unknown> }).binding;
    const pipe = load('pipe_wrap');
    const stream = load('stream_wrap');
    const binding = {
      Pipe: pipe['Pipe'],
      PipeConnectWrap: pipe['PipeConnectWrap'],
      WriteWrap: stream['WriteWrap'],
      clientType: (pipe['constants'] as Record<string, unknown>)['SOCKET'],
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
