/** The quotes around a JSON string. */
const QUOTES = 2;

/** What the service counts of a text: the bytes of its JSON encoding in UTF-8, quotes and escapes included. */
export function jsonBytes(text: string): number {
  return QUOTES + bytesWithin(text);
}

/** The same without the quotes, which a text that is put together of several has once. */
export function bytesWithin(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at += 1) {
    bytes += bytesAt(text, at);
    if (isPairAt(text, at)) at += 1;
  }
  return bytes;
}

/** The bytes of the code point that begins at `at`, as JSON writes it. */
export function bytesAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  if (unit < 0x20) return SHORT_ESCAPES.includes(unit) ? 2 : 6;
  if (unit === 0x22 || unit === 0x5c) return 2;
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  if (unit < 0xd800 || unit > 0xdfff) return 3;
  // Half a pair is escaped.
  return isPairAt(text, at) ? 4 : 6;
}

/** Whether the code point at `at` takes two units. */
export function isPairAt(text: string, at: number): boolean {
  return isWithin(text.charCodeAt(at), 0xd800, 0xdbff) && isWithin(text.charCodeAt(at + 1), 0xdc00, 0xdfff);
}

/** Backspace, tab, line feed, form feed and carriage return have an escape of two bytes. */
const SHORT_ESCAPES: readonly number[] = [0x08, 0x09, 0x0a, 0x0c, 0x0d];

function isWithin(unit: number, from: number, to: number): boolean {
  return unit >= from && unit <= to;
}
