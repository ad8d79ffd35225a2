import process from 'node:process';

/** A table: each row has the same names. */
export function print(title: string, rows: readonly Readonly<Record<string, string | number>>[]): void {
  const names = Object.keys(rows[0] ?? {});
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |\n`;
  const body = rows.map((row) => line(names.map((name) => row[name] ?? ''))).join('');
  process.stdout.write(`\n${title}\n${line(names)}${line(names.map(() => '---'))}${body}`);
}
