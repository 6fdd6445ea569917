import { readFileSync } from 'node:fs';

export interface Memory {
  /** Bytes that are the process's own. */
  readonly own: number;
  /** With the pages of mapped files, which the system takes back when it needs them. */
  readonly resident: number;
}

/** Memory of a process in bytes; undefined where the system does not tell (Linux does). */
export function memoryOf(pid: number): Memory | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const bytes = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
    return { own: bytes('RssAnon'), resident: bytes('VmRSS') };
  } catch {
    return undefined;
  }
}
