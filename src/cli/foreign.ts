// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/**
 * What somebody else has written, for people to read: it drives no terminal and paints nothing, and its further lines are indented, so
 * that none of them passes for a line of ours.
 */
export function foreign(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(CONTROL, '\ufffd').replace(/\n/g, '\n    ');
}
