// What Claude Desktop's own configuration says, read with its rules: in managed sources every value may be text.
// https://claude.com/docs/third-party/claude-desktop/configuration
type Values = Readonly<Record<string, unknown>>;

export function textOf(values: Values, key: string): string | undefined {
  const value = values[key];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** `inferenceModels`: a list, or JSON text of one; entries are names or objects with a `name`. */
export function modelNames(raw: unknown): readonly string[] {
  const list = typeof raw === 'string' ? parseJson(raw) : raw;
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) => {
    const name: unknown = typeof entry === 'object' && entry !== null ? Reflect.get(entry, 'name') : entry;
    return typeof name === 'string' && isModelName(name) ? [name] : [];
  });
}

export function isModelName(name: string): boolean {
  return /^[\w.@:-]{1,64}$/.test(name);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
