import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ProjectionPosition } from '../../../libs/postgres';
import { sha256 } from '../../../libs/runtime';
import { canonicalJson } from '../http/canonical';

/**
 * Tags that tell whether an answer is still the same. A tag is made before the rows are read: what changes in between
 * makes the answer newer than its tag, which costs one more answer; an older answer under a newer tag would stay for ever.
 */

/** Strong, and what If-Match of a command takes: the representation follows from the events of one stream. */
export const revisionTag = (revision: number): string => `"${revision}"`;

/**
 * Weak: the same as long as the views have not moved. Undefined while one of them has not begun. A view that is rebuilt
 * passes its old positions again, at another time.
 */
export function viewsTag(
  asked: object,
  views: readonly string[],
  checkpoints: readonly ProjectionPosition[],
): string | undefined {
  const states = views.map((view) => {
    const row = checkpoints.find((each) => each.view === view);
    return row && [row.view, row.storeId, String(row.position), row.updatedAt];
  });
  if (states.includes(undefined)) return undefined;
  return `W/"${sha256(canonicalJson({ asked, states })).slice(0, 22)}"`;
}

/** Views of one stream agree about its revision only while they are at the same place. */
export function areInStep(
  views: readonly string[],
  checkpoints: readonly ProjectionPosition[],
): boolean {
  const rows = checkpoints.filter(({ view }) => views.includes(view));
  const [first] = rows;
  return (
    rows.length === views.length &&
    rows.every(({ position, storeId }) => position === first?.position && storeId === first.storeId)
  );
}

/** Answers 304 to a client that has that very representation. */
export function isNotModified(
  request: FastifyRequest,
  reply: FastifyReply,
  tag: string | undefined,
): boolean {
  if (tag === undefined || !names(request.headers['if-none-match'], tag)) return false;
  void tagged(reply, tag).status(304).send();
  return true;
}

/** Only a good answer is tagged: a refusal must never be taken for what the client has. */
export const tagged = (reply: FastifyReply, tag: string | undefined): FastifyReply =>
  tag === undefined ? reply : reply.header('etag', tag).header('cache-control', 'no-cache');

/** By weak comparison, as RFC 9110 section 13.1.2 has it. `*` names none: what it asks is known only after the query. */
export function names(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const opaque = tag.replace(/^W\//, '');
  return ifNoneMatch.match(/"[^"]*"/g)?.includes(opaque) ?? false;
}
