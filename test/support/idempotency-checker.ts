import { commandIdOf } from '../../apps/api/commands/context';
import type { InventoryEvent } from '../../libs/domain';
import { uuidV5 } from '../../libs/runtime';
import { codeOf, type Sent } from './idempotency-sends';

/**
 * What everyone was told against what stands in the log. Knows nothing of how commands are decided: it holds the requests
 * and their answers beside the events, in whatever order they came.
 */

/** These say that the request has written nothing, so they cannot explain an event. */
const WROTE_NOTHING: ReadonlySet<string | undefined> = new Set([
  'STORE_UNAVAILABLE',
  'STREAM_BUSY',
]);

const isAccepted = ({ told }: Sent): boolean => told !== undefined && told.status < 300;
/** It may or may not have written: no answer, or one that says so. */
const isUnknown = (sent: Sent): boolean =>
  sent.told === undefined || (sent.told.status >= 500 && !WROTE_NOTHING.has(codeOf(sent)));

/** Everything that is wrong, in words; empty where all promises were kept. Events of `actors` besides are not asked about. */
export function violationsOf(
  sends: readonly Sent[],
  events: readonly InventoryEvent[],
  others: ReadonlySet<string> = new Set(['system']),
): string[] {
  const asked = grouped(sends, ({ key, actor = 'anonymous' }) =>
    commandIdOf('default', actor, key),
  );
  const effects = grouped(events, ({ metadata }) => metadata.commandId);
  const problems = logProblems(events);
  const byId = new Map(events.map((event) => [event.id, event]));
  for (const [id, mine] of effects) {
    if (asked.has(id) || others.has(mine[0]!.metadata.actor)) continue;
    const found = isLeg(mine[0]!, byId) ? effectProblems(mine) : ['an event that nobody asked for'];
    problems.push(...found.map((what) => `${mine[0]!.stream}@${mine[0]!.revision}: ${what}`));
  }
  const at = new Map(events.map((event) => [`${event.stream}@${event.revision}`, event]));
  for (const [id, group] of asked) {
    const mine = effects.get(id) ?? [];
    const found = [
      ...effectProblems(mine),
      ...answerProblems(group),
      ...acknowledgedProblems(group, mine, at),
      ...refusedProblems(group, mine),
    ];
    problems.push(...found.map((problem) => `${group[0]!.key}: ${problem}`));
  }
  return problems;
}

const MOST_LEGS = 32;

/** True for what follows from another event, which is in the log before it: the id of the command is made of that event's. */
function isLeg(
  { metadata, position }: InventoryEvent,
  byId: ReadonlyMap<string, InventoryEvent>,
): boolean {
  const cause = byId.get(metadata.causationId);
  if (!cause || cause.position >= position) return false;
  return Array.from({ length: MOST_LEGS }, (_, n) => uuidV5(cause.id, String(n))).includes(
    metadata.commandId,
  );
}

/** Revisions without gaps, positions that rise, and nowhere less than nothing. */
function logProblems(events: readonly InventoryEvent[]): string[] {
  const problems: string[] = [];
  const next = new Map<string, number>();
  const onHand = new Map<string, number>();
  let before = -1n;
  for (const { stream, revision, position, type, data } of events) {
    if (revision !== (next.get(stream) ?? 0)) problems.push(`${stream}@${revision}: out of order`);
    next.set(stream, revision + 1);
    if (position <= before) problems.push(`${stream}@${revision}: its position does not rise`);
    before = position;
    const sign = { 'StockReceived.v2': 1, 'StockAdjusted.v2': 1, 'StockIssued.v2': -1 }[
      type as string
    ];
    if (sign === undefined) continue;
    const balance = (onHand.get(stream) ?? 0) + sign * (data as { quantity: number }).quantity;
    onHand.set(stream, balance);
    if (balance < 0) problems.push(`${stream}@${revision}: oversold`);
  }
  return problems;
}

/** However often it was sent, it took effect at most once. */
function effectProblems(mine: readonly InventoryEvent[]): string[] {
  const problems: string[] = [];
  const decisions = mine.filter(({ metadata }) => metadata.command !== undefined);
  if (mine.length > 0 && decisions.length !== 1) problems.push(`${decisions.length} effects`);
  if (new Set(mine.map(({ stream }) => stream)).size > 1) problems.push('effects on two streams');
  if (new Set(mine.map(({ metadata }) => metadata.commandHash)).size > 1) {
    problems.push('effects of two bodies');
  }
  const [first] = mine;
  if (mine.some(({ revision }, index) => revision !== first!.revision + index)) {
    problems.push('its events are not next to each other');
  }
  return problems;
}

/** All who were told that it was done were told the same, and at most one of them that it was done just now. */
function answerProblems(group: readonly Sent[]): string[] {
  const accepted = group.filter((sent) => isAccepted(sent) && !changedNothing(sent));
  const problems: string[] = [];
  const texts = new Set(accepted.map(({ told }) => `${told!.status} ${told!.etag} ${told!.text}`));
  if (texts.size > 1) problems.push(`${texts.size} different answers`);
  if (new Set(accepted.map(wordsOf)).size > 1) problems.push('two bodies were accepted');
  const original = accepted.filter(({ told }) => !told!.replayed).length;
  if (original > 1) problems.push(`${original} senders were told that theirs was the first`);
  if (accepted.length > 0 && original === 0 && !group.some(isUnknown)) {
    problems.push('everyone was told that somebody else came first');
  }
  return problems;
}

/** What was acknowledged stands in the log where it was said to, with what was asked for. */
function acknowledgedProblems(
  group: readonly Sent[],
  mine: readonly InventoryEvent[],
  at: ReadonlyMap<string, InventoryEvent>,
): string[] {
  const sent = group.find((one) => isAccepted(one) && !changedNothing(one));
  if (!sent) return [];
  const last = mine.at(-1);
  if (!last) return ['acknowledged, and not in the log'];
  const problems: string[] = [];
  const told = JSON.parse(sent.told!.text) as {
    readonly revision: number;
    readonly position: string;
    readonly movements?: readonly { readonly movementId: string }[];
  };
  if (told.revision !== last.revision || sent.told!.etag !== `"${last.revision}"`) {
    problems.push(`revision ${told.revision} was told, it is ${last.revision}`);
  }
  const { followers = 0 } = last.metadata;
  const end = at.get(`${last.stream}@${last.revision + followers}`);
  if (told.position.split('-')[1] !== String(end?.position)) {
    problems.push(`position ${told.position} was told, it is ${end?.position}`);
  }
  const ids = told.movements?.map(({ movementId }) => movementId);
  if (ids && ids.join() !== mine.map(({ id }) => id).join()) problems.push('told of other events');
  if (!explains(sent, mine)) problems.push('what is stored is not what was asked for');
  return problems;
}

/** What was refused for certain left nothing behind. */
function refusedProblems(group: readonly Sent[], mine: readonly InventoryEvent[]): string[] {
  const problems: string[] = [];
  const candidates = group.filter((sent) => isAccepted(sent) || isUnknown(sent));
  if (mine.length > 0 && !candidates.some((sent) => explains(sent, mine))) {
    problems.push('it was refused, and has an effect');
  }
  const accepted = new Set(group.filter(isAccepted).map(wordsOf));
  const bodies = new Set(group.map(wordsOf));
  for (const sent of group) {
    if (codeOf(sent) !== 'IDEMPOTENCY_KEY_REUSED') continue;
    if (bodies.size === 1) problems.push('its only body was refused as another one');
    else if (accepted.has(wordsOf(sent))) problems.push('one body was accepted and refused');
  }
  return problems;
}

/** A change to what is already so is accepted without an event, and does not use up its key. */
const changedNothing = ({ told }: Sent): boolean => {
  const { changes } = JSON.parse(told!.text) as { changes?: object };
  return changes !== undefined && Object.keys(changes).length === 0;
};

const wordsOf = ({ method, path, body }: Sent): string =>
  `${method} ${path} ${JSON.stringify(body)}`;

/** True when the events may be what this request asked for: every field that both name is the same. */
function explains({ body }: Sent, [first]: readonly InventoryEvent[]): boolean {
  const stored = first?.metadata.command?.data as Fields | undefined;
  if (!stored) return false;
  const asked = body as Fields;
  return ['sku', 'code', 'location', 'name', 'lotCode', 'reference', 'quantity'].every(
    (name) =>
      asked[name] === undefined ||
      stored[name] === undefined ||
      // What is removed is told with either sign.
      String(asked[name]).replace('-', '') === String(stored[name]).replace('-', ''),
  );
}

type Fields = Readonly<Record<string, string | number>>;

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return groups;
}
