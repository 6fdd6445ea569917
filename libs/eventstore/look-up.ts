import type { Folded } from './folded';
import type { AnyRequest, Elsewhere } from './round';
import type { Shared } from './stream-worker';

/**
 * Finds commands that the stream has let go from its memory: in the audit table where it knows enough, else in the stream
 * itself, which costs time but never a second effect.
 */
export async function lookUpForgotten(
  stream: string,
  folded: Folded<unknown>,
  requests: readonly AnyRequest[],
  { decided, log, logger }: Shared,
): Promise<ReadonlyMap<string, Elsewhere>> {
  const { forgottenUpTo } = folded;
  if (forgottenUpTo === undefined) return new Map();
  const ids = requests
    .map(({ context }) => context)
    .filter(({ commandId, mayBeRetry }) => mayBeRetry && folded.mayHaveForgotten(commandId))
    .map(({ commandId }) => commandId);
  if (ids.length === 0) return new Map();
  try {
    if (decided && (await decided.knownUpTo()) >= forgottenUpTo) {
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
