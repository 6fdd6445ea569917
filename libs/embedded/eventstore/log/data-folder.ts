import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'its file system is read-only',
  ENOENT: 'its file system takes no folders',
  ENOTDIR: 'a file is in the way',
  ENAMETOOLONG: 'the name is too long',
  ENOSPC: 'the disk is full',
  ELOOP: 'its links lead in a circle',
};

/**
 * Makes a folder and those above it. Not with the recursive `mkdir` of Node, which tries for ever where a file system
 * takes no folders at all, such as /proc.
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    for (const each of (await missingFrom(folder)).reverse()) await makeOne(each);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new Error(
      `The folder ${folder} cannot be made: ${REASONS[code] ?? message}. Choose another with --data.`,
      { cause: error },
    );
  }
}

/** From the folder upwards, those that are not there. */
async function missingFrom(folder: string): Promise<string[]> {
  const missing: string[] = [];
  for (let at = folder; !(await isFolder(at)); at = dirname(at)) missing.push(at);
  return missing;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  throw Object.assign(new Error(`${path} is a file`), { code: 'ENOTDIR' });
}

async function makeOne(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
