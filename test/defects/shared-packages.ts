import { createRequire } from 'node:module';

/**
 * Packages that are the same in every run of a check and keep nothing from one to the next. Compiling them anew for each run
 * is what takes longest in it. The official client and gRPC are none of them: what they know is of one run.
 */
const PACKAGES = [
  '@eventstore/db-client/generated/[a-z]+_pb.js',
  'class-transformer/',
  'class-validator/',
  'fast-check/',
  'google-protobuf/',
  'lmdb/',
  'pino/',
];

/** What follows `node_modules/` in the path of a file of theirs. */
export const SHARED = `(?:${PACKAGES.join('|')})`;
const isShared = new RegExp(`/node_modules/${SHARED}`);

const LOAD = 'loadShared';

/** The code to run in the place of a file that is shared; undefined for all others. */
export const standInFor = (file: string): string | undefined =>
  isShared.test(file) ? `module.exports = ${LOAD}(${JSON.stringify(file)});` : undefined;

/** Lets the stand-ins in an environment find what they stand for: loaded by Node itself, once in a process. */
export function offerShared(global: object): void {
  Object.defineProperty(global, LOAD, { value: createRequire(__filename) });
}
