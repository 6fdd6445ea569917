/** Why Lotstream does not start or run on, in words for the person at the terminal. */
export class ServeProblem extends Error {}

/** An error of the data folder as one line that says what to do; other errors stay as they are. */
export function explainFolder(folder: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const choose = 'or set LOTSTREAM_DATA to a folder of your own';
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return new ServeProblem(
        `this user may not write in the data folder ${folder}; change its owner (chown), ${choose}`,
      );
    case 'ENOENT':
      return new ServeProblem(
        `the data folder ${folder} cannot be made; set LOTSTREAM_DATA to a folder of your own`,
      );
    case 'EROFS':
      return new ServeProblem(`the data folder ${folder} is on a read-only disk; ${choose}`);
    case 'ENOTDIR':
    case 'EEXIST':
      return new ServeProblem(`the data folder ${folder} is a file; move it away, ${choose}`);
    case 'ENOSPC':
    case 'EDQUOT':
      return diskFull(folder);
    default:
      return error;
  }
}

export const diskFull = (folder: string): ServeProblem =>
  new ServeProblem(
    `the disk of the data folder ${folder} is full; free some space and start again, ` +
      'or set LOTSTREAM_DATA to a folder on another disk',
  );
