import { readFile } from 'node:fs/promises';
import { EXIT } from './exit-code.js';
import { Failure, UsageError } from './failure.js';
import { bytesOnStdin } from './stdin.js';

/** The bytes of a file; of stdin for `-`. @throws Failure that names the file. */
export async function fileOrStdin(path: string): Promise<Buffer> {
  if (path === '-') {
    if (process.stdin.isTTY === true) throw new UsageError('There is nothing on stdin: name a file.');
    return bytesOnStdin();
  }
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'There is no file' : `The file cannot be read (${code}):`;
    throw new Failure(`${why} ${path}.`, EXIT.usage);
  }
}
