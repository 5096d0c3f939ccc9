/** What mysql2 puts a backslash before; Ctrl-Z, which JSON has as six characters, is left out. */
const ESCAPED = /[\0\b\t\n\r"'\\]/g;
/** What a statement has beside its data, at the most. */
const REST = 2048;

/** Whether a statement with this data has at most `largest` bytes. */
export function fitsInto(largest: number, data: string): boolean {
  const bytes = Buffer.byteLength(data) + REST;
  if (2 * bytes <= largest) return true;
  return bytes + (data.match(ESCAPED)?.length ?? 0) <= largest;
}
