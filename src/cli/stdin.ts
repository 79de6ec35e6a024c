import { UsageError } from './failure.js';

/**
 * What another program writes for us, without the line end at its end. Undefined where nobody writes: on a terminal nothing is
 * asked for.
 *
 * @throws UsageError when something is needed and nothing is there.
 */
export async function textOnStdin(isNeeded: boolean): Promise<string | undefined> {
  const text = process.stdin.isTTY === true || !isNeeded ? '' : (await bytesOnStdin()).toString('utf8');
  const trimmed = text.replace(/\r?\n$/, '');
  if (trimmed === '' && isNeeded) throw new UsageError('There is nothing to send: give a text.');
  return trimmed === '' ? undefined : trimmed;
}

/** All of stdin, as it is. */
export async function bytesOnStdin(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
