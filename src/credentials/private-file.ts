const OWNER_ONLY = 0o600;
const FOLDER_OF_OWNER = 0o700;

/** Writes a file that nobody else may read, all of it or nothing: whoever reads it meanwhile gets the old one or the new one. */
export async function writePrivately(path: string, text: string): Promise<void> {
  const [{ mkdir, rename, rm, writeFile }, { dirname }] = await Promise.all([
    import('node:fs/promises'),
    import('node:path'),
  ]);
  await mkdir(dirname(path), { recursive: true, mode: FOLDER_OF_OWNER });
  const draft = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(draft, text, { mode: OWNER_ONLY });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
