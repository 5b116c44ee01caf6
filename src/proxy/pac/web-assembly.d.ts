// QuickJS's types name these. The variant in use is plain JavaScript, and the agent has no WebAssembly.
declare namespace WebAssembly {
  type Exports = never;
  type Imports = never;
  type Instance = never;
  type Memory = never;
  type Module = never;
}
