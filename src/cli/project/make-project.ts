import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { Failure } from '../failure.js';
import { projectFiles } from './files.js';

/** A project that was made. */
export interface Project {
  readonly folder: string;
  readonly name: string;
  readonly files: readonly string[];
}

/** @throws Failure when a file of the project is there already, or the folder cannot be written. */
export async function makeProject(dir: string): Promise<Project> {
  const folder = resolve(dir);
  const name = packageName(basename(folder));
  const files = projectFiles(name);
  try {
    await mkdir(folder, { recursive: true });
    const there = await readdir(folder);
    const taken = Object.keys(files).filter((file) => there.includes(file));
    if (taken.length > 0) {
      throw new Failure(`${folder} holds ${taken.join(' and ')} already. Choose another folder.`);
    }
    for (const [file, text] of Object.entries(files)) {
      await writeFile(join(folder, file), text, { flag: 'wx' });
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(`${folder} cannot be written (${code}). Choose another folder.`);
  }
  return { folder, name, files: Object.keys(files) };
}

/** What npm accepts of a folder's name. */
function packageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return name === '' ? 'my-bot' : name;
}
