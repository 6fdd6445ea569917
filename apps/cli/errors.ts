/** The command line or a file it names is wrong; nothing was sent. */
export class UsageError extends Error {}

/** What was asked for did not happen; the message says why. */
export class FailedError extends Error {}

export const EXIT_FAILED = 1;
export const EXIT_WRONG_USE = 2;
