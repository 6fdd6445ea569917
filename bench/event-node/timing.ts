import { readFileSync } from 'node:fs';

export interface Rate {
  readonly count: number;
  readonly seconds: number;
}

/** A rate, and the processor time that this process and the one that serves it took for it. */
export interface Load extends Rate {
  readonly ownCpuSeconds: number;
  /** Undefined where the system does not tell. */
  readonly serverCpuSeconds?: number;
}

export const perSecond = ({ count, seconds }: Rate): number => count / seconds;

/**
 * Does the work again and again, in so many lanes at once; first a while for warming up, then for the given time. Work
 * answers how much it has done; what has begun is finished and counts, and so does its time.
 */
export async function repeat(
  seconds: number,
  lanes: number,
  work: (turn: number) => Promise<number> | number,
  serverPid?: number,
): Promise<Load> {
  let turn = 0;
  const during = async (ms: number): Promise<number> => {
    const until = performance.now() + ms;
    let count = 0;
    const lane = async (): Promise<void> => {
      do {
        // Two steps, since other lanes count while this one waits.
        const done = await work(turn++);
        count += done;
      } while (performance.now() < until);
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return count;
  };
  await during(seconds * 400);
  const cpu = process.cpuUsage();
  const serverBefore = cpuSecondsOf(serverPid);
  const started = performance.now();
  const count = await during(seconds * 1000);
  const elapsed = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const serverAfter = cpuSecondsOf(serverPid);
  const load = { count, seconds: elapsed, ownCpuSeconds: (user + system) / 1e6 };
  return serverBefore === undefined || serverAfter === undefined
    ? load
    : { ...load, serverCpuSeconds: serverAfter - serverBefore };
}

const TICKS_PER_SECOND = 100;

/** Linux tells it of any process; elsewhere undefined. */
function cpuSecondsOf(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  try {
    // The name in brackets may hold blanks; user and system time are the 14th and 15th field.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}
