/** Why PostgreSQL does not run, in words for the person at the terminal. */
export class PostgresProblem extends Error {
  constructor(
    message: string,
    /** False when another try without a change would end the same way. */
    readonly retry: boolean,
  ) {
    super(message);
  }
}

/** Reads the server's own output and says what to do about it. */
export function explain(output: string, cluster: string, logFile?: string): PostgresProblem {
  if (/No space left on device|Check free disk space|Disk quota exceeded/.test(output))
    return diskFull();
  const severe = output.split('\n').filter((line) => /\b(FATAL|PANIC):/.test(line));
  const reason = (severe.at(-1) ?? lastLine(output)).replace(/^.*?\b(FATAL|PANIC):\s*|^but /, '');
  const seeLog = logFile ? ` (log: ${logFile})` : '';
  if (/could not create any TCP\/IP sockets|could not bind/.test(output)) {
    return new PostgresProblem(`PostgreSQL found its port taken: ${reason}${seeLog}`, true);
  }
  if (/could not create shared memory segment|could not map anonymous shared memory/.test(output)) {
    return new PostgresProblem(
      `PostgreSQL got too little memory: ${reason}; close other programs${seeLog}`,
      true,
    );
  }
  if (/^[^\n]*(ermission denied|wrong ownership)/m.test(severe.at(-1) ?? '')) {
    return new PostgresProblem(
      `PostgreSQL may not read its data in ${cluster}: ${reason}; start as the user who started it first`,
      false,
    );
  }
  if (DAMAGE.test(output)) {
    return new PostgresProblem(
      `the PostgreSQL data in ${cluster} is damaged: ${reason}; ${rebuildHint(cluster)}`,
      false,
    );
  }
  return new PostgresProblem(`PostgreSQL did not start: ${reason}${seeLog}`, true);
}

export const diskFull = (): PostgresProblem =>
  new PostgresProblem(
    'the disk is full: PostgreSQL cannot write; free some space and start again, no data is lost',
    false,
  );

/** What the cluster holds can be made again, so the way out of a damaged one is always the same. */
export const rebuildHint = (cluster: string): string =>
  `it holds only what is rebuilt from the event log, so move it away and start again: ` +
  `mv ${cluster} ${cluster}.old`;

const DAMAGE = new RegExp(
  [
    'invalid (primary )?checkpoint',
    'could not locate a valid checkpoint',
    'is not a valid data directory',
    'could not open (file|directory)',
    'could not find the database system',
    'could not access (the server configuration )?file',
    'could not (read|stat) (file|directory)',
    'incorrect checksum in control file',
    'invalid page in block',
    'invalid magic number',
    'could not read block',
    'could not find redo location',
    'WAL ends before',
    'contains no valid',
    'bogus data in lock file',
    'invalid data in file',
    'is missing',
    'directory "[^"]+" does not exist',
    'database files are incompatible with server',
  ].join('|'),
);

const lastLine = (output: string): string =>
  output.trim().split('\n').at(-1)?.trim() || 'it said nothing';
