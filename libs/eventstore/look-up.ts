import type { Folded } from './folded';
import type { AnyRequest, Elsewhere } from './round';
import type { Shared } from './stream-worker';

/** Command ids that may have been decided before, though no memory of this process says so. */
interface Wanted {
  /** The stream itself may have let them go. */
  readonly here: readonly string[];
  /** The position up to which it has. */
  readonly upTo: bigint;
  /** The audit log may know them, from whatever stream. */
  readonly anywhere: readonly string[];
}

const NONE: readonly string[] = [];

/** What has to be looked up before these commands are decided; undefined where nothing has, as nearly always. */
export function wantedOf(
  folded: Folded<unknown>,
  requests: readonly AnyRequest[],
  { decided, recent }: Shared,
): Wanted | undefined {
  let here = NONE;
  let anywhere = NONE;
  for (const { context } of requests) {
    const { commandId, mayBeRetry } = context;
    if (!mayBeRetry || folded.commands.has(commandId)) continue;
    if (folded.mayHaveForgotten(commandId)) here = [...here, commandId];
    else if (decided.mayHave(commandId) && !recent.find(commandId))
      anywhere = [...anywhere, commandId];
  }
  if (here === NONE && anywhere === NONE) return undefined;
  return { here, anywhere, upTo: folded.forgottenUpTo ?? -1n };
}

/**
 * Finds commands that were decided long ago, by another process or on another stream: in the audit log as far as that
 * goes. What the stream itself may have let go is then searched in the stream, which costs time but never a second effect.
 */
export async function lookUp(
  stream: string,
  { here, anywhere, upTo }: Wanted,
  { decided, log }: Shared,
): Promise<ReadonlyMap<string, Elsewhere>> {
  const told = await decided.find([...here, ...anywhere]);
  const found = new Map<string, Elsewhere>();
  for (const [id, at] of told?.found ?? []) found.set(id, { ...at, at });
  if (here.length === 0 || (told && told.upTo >= upTo)) return found;
  const wanted = new Set(here);
  for await (const { metadata, revision } of log.read(stream, 0)) {
    const { commandId, commandHash } = metadata;
    if (!wanted.has(commandId)) continue;
    const firstRevision = found.get(commandId)?.at?.firstRevision ?? revision;
    const at = { commandHash, firstRevision, lastRevision: revision };
    found.set(commandId, { stream, commandHash, at });
  }
  return found;
}
