/** The whole number behind a flag of the command line. Says how to call the program when it is none. */
export function numberAfter(flag: string, fallback: number, usage: string): number {
  const at = process.argv.indexOf(flag);
  if (at < 0) return fallback;
  const value = Number(process.argv[at + 1]);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  process.stderr.write(`${flag} needs a whole number\n${usage}\n`);
  return process.exit(2);
}
