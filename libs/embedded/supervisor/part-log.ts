import { copyFileSync, openSync, statSync, truncateSync } from 'node:fs';
import { open } from 'node:fs/promises';

const MAX_BYTES = 50_000_000;
const TAIL_BYTES = 64_000;

/** Opens a part's log for appending; the part writes to it directly, so nothing is lost when we are killed. */
export const openLog = (path: string): number => openSync(path, 'a', 0o600);

export const sizeOf = (path: string): number => {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
};

/** Keeps one older log. The part goes on appending to the same file, so it is copied and cut, not renamed. */
export function rotate(path: string): void {
  if (sizeOf(path) < MAX_BYTES) return;
  try {
    copyFileSync(path, `${path}.1`);
  } finally {
    // On a full disk the copy fails; room matters more than old lines then.
    truncateSync(path);
  }
}

/** What went wrong, in one line, from what the part wrote since `from`. */
export async function lastError(path: string, from: number): Promise<string> {
  const file = await open(path).catch(() => undefined);
  if (!file) return '';
  try {
    const { size } = await file.stat();
    const start = Math.max(size < from ? 0 : from, size - TAIL_BYTES);
    const buffer = Buffer.alloc(Math.max(0, size - start));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
    return errorIn(buffer.toString('utf8', 0, bytesRead)).slice(0, 300);
  } finally {
    await file.close();
  }
}

const ERROR_LEVEL = 50;

function errorIn(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  for (const line of [...lines].reverse()) {
    const said = structured(line);
    if (said !== undefined) return said;
    if (/^(Uncaught )?\w*(Error|Exception)\b.*:/.test(line)) return line.trim();
  }
  return (
    lines
      .filter((line) => !line.startsWith('{'))
      .at(-1)
      ?.trim() ?? ''
  );
}

function structured(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const entry = JSON.parse(line) as {
      level?: number;
      msg?: string;
      err?: { message?: string };
    };
    if ((entry.level ?? 0) < ERROR_LEVEL) return undefined;
    const { msg = '', err } = entry;
    return err?.message && !msg.includes(err.message)
      ? [msg, err.message].filter(Boolean).join(': ')
      : msg;
  } catch {
    return undefined;
  }
}
