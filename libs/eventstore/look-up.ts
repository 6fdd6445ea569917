import type { Folded } from './folded';
import type { AnyRequest, Elsewhere } from './round';
import type { Shared } from './stream-worker';

interface Forgotten {
  readonly ids: readonly string[];
  /** The position up to which the stream has let command ids go. */
  readonly upTo: bigint;
}

/** The commands that may be retries of what the stream has let go; undefined where there are none. */
export function forgottenAmong(
  folded: Folded<unknown>,
  requests: readonly AnyRequest[],
): Forgotten | undefined {
  const { forgottenUpTo: upTo } = folded;
  if (upTo === undefined) return undefined;
  const ids = requests
    .map(({ context }) => context)
    .filter(({ commandId, mayBeRetry }) => mayBeRetry && folded.mayHaveForgotten(commandId))
    .map(({ commandId }) => commandId);
  return ids.length === 0 ? undefined : { ids, upTo };
}

/**
 * Finds commands that the stream has let go from its memory: in the audit table where it knows enough, else in the stream
 * itself, which costs time but never a second effect.
 */
export async function lookUpForgotten(
  stream: string,
  { ids, upTo }: Forgotten,
  { decided, log, logger }: Shared,
): Promise<ReadonlyMap<string, Elsewhere>> {
  try {
    if (decided && (await decided.knownUpTo()) >= upTo) {
      const found = await decided.find(ids);
      return new Map([...found].map(([id, at]) => [id, { ...at, at }]));
    }
  } catch (error) {
    logger.warn(
      { err: error },
      'old commands cannot be looked up in the audit table; reading the stream',
    );
  }
  const wanted = new Set(ids);
  const found = new Map<string, Elsewhere>();
  for await (const { metadata, revision } of log.read(stream, 0)) {
    const { commandId, commandHash } = metadata;
    if (!wanted.has(commandId)) continue;
    const firstRevision = found.get(commandId)?.at?.firstRevision ?? revision;
    found.set(commandId, {
      stream,
      commandHash,
      at: { commandHash, firstRevision, lastRevision: revision },
    });
  }
  return found;
}
