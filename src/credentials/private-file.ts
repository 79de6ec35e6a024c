const OWNER_ONLY = 0o600;
const FOLDER_OF_OWNER = 0o700;

/** Writes a file that nobody else may read, all of it or nothing: whoever reads it meanwhile gets the old one or the new one. */
export async function writePrivately(path: string, text: string): Promise<void> {
  const [{ mkdir, rename, rm, writeFile }, { dirname }, { randomBytes }] = await Promise.all([
    import('node:fs/promises'),
    import('node:path'),
    import('node:crypto'),
  ]);
  await mkdir(dirname(path), { recursive: true, mode: FOLDER_OF_OWNER });
  // A file of our own: one that is there already, or a link that somebody put there, would be written to with its own mode.
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(draft, text, { mode: OWNER_ONLY, flag: 'wx' });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
