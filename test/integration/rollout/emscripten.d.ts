// web-tree-sitter's types name it, and only its advanced loader options use it.
type EmscriptenModule = Record<string, unknown>;
