/** A new row of an installer's table. */
export interface Row {
  readonly table: string;
  readonly columns: Readonly<Record<string, string | number>>;
}

/** The query that adds the row. The installer's SQL has no way to write a quotation mark in text. @throws Error for one */
export function insertion({ table, columns }: Row): string {
  const values = Object.values(columns).map((value) => {
    if (typeof value === 'number') return String(value);
    if (value.includes("'")) throw new Error(`a quotation mark in ${table}: ${value}`);
    return `'${value}'`;
  });
  const names = Object.keys(columns).map((name) => `\`${name}\``);
  return `INSERT INTO \`${table}\` (${names.join(',')}) VALUES (${values.join(',')})`;
}
