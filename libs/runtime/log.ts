import { pino, type Logger } from 'pino';

export type { Logger };

/** One structured log per process, a JSON object a line on stderr; stdout belongs to people and scripts. */
export function createLogger(part: string, level: string): Logger {
  return pino(
    { level, base: { part, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
}
