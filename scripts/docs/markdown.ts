/** A table, aligned as Prettier does it. */
export const table = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number> = new Set(),
): string => {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', String.raw`\|`)));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const width = (column: number): number => widths[column] ?? 0;
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => (right.has(i) ? cell.padStart(width(i)) : cell.padEnd(width(i)))).join(' | ')} |`;
  const rule = head.map((_, i) => (right.has(i) ? `${'-'.repeat(width(i) - 1)}:` : '-'.repeat(width(i))));
  const [first = [], ...others] = cells;
  return [line(first), `| ${rule.join(' | ')} |`, ...others.map(line)].join('\n');
};

export const code = (text: string): string => `\`${text}\``;

const MARKED = /<!-- generated: ([\w-]+) -->\n[\s\S]*?<!-- \/generated -->/g;

/**
 * A page with its generated parts anew.
 *
 * @throws Error where the page marks a part that nothing generates, or a part has no place in it
 */
export function fillIn(page: string, parts: Readonly<Record<string, string>>): string {
  const missing = new Set(Object.keys(parts));
  const filled = page.replaceAll(MARKED, (_, name: string) => {
    const part = parts[name];
    if (part === undefined) throw new Error(`Nothing generates the part "${name}"`);
    missing.delete(name);
    return `<!-- generated: ${name} -->\n\n${part.trim()}\n\n<!-- /generated -->`;
  });
  if (missing.size > 0) throw new Error(`No place is marked for: ${[...missing].join(', ')}`);
  return filled;
}
