// The package has no types.
declare module 'jmespath' {
  const jmespath: { search(data: unknown, expression: string): unknown };
  export default jmespath;
}
