import {
  stock,
  type DomainEvent,
  type StockCommand,
  type StockEvent,
  type StockFacts,
} from '../../libs/domain';
import type { CommandContext, Executor, Outcome } from '../../libs/eventstore';
import type { RawEvent } from '../../libs/eventstore/codec';
import { uuidV5 } from '../../libs/runtime';
import { randomFrom, type Random } from '../differential/random';
import { processOn } from '../support/commands';
import { ScriptedLog } from '../support/scripted-log';
import { followersOf, happen, lotsAgree, takeLot } from './around';
import { difference, isSame, show } from './compare';
import { commandOf } from './generate';
import { countAfter, type Book } from './model/book';
import { note } from './model/note';
import { answerTo } from './model/rules';
import type { Answer } from './model/answer';
import { Disagreement, type Tally } from './tally';
import { World, type Message, type Site } from './world';

/*
 * The same commands through `execute`: two processes over one log that loses requests and answers, sends that are
 * repeated or arrive at once, revisions that are out of date, and processes that die between a command and what follows
 * from it. The model is asked in the order of the log.
 */

const NAMESPACE = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
const ACTORS = ['ada', 'ben', 'cleo'] as const;
/** What says nothing of whether the command was done. */
const UNKNOWN = 'OUTCOME_UNKNOWN';

/** One command as a client has made it: sent again, it is the same. */
interface Wish {
  readonly commandId: string;
  readonly site: Site;
  readonly command: StockCommand;
  readonly actor: string;
  readonly effectiveAt: string;
  readonly lotCode: string;
  readonly expectedRevision: number | undefined;
}

/** One request for it. */
interface Sent {
  readonly wish: Wish;
  readonly facts: StockFacts;
  /** What the model would have said at some moment while the request was under way. */
  readonly allowed: Set<string>;
  outcome?: Outcome<DomainEvent, string>;
}

export async function runKernel(steps: readonly number[], tally: Tally): Promise<void> {
  const run = new KernelRun(new World(randomFrom(steps[0] ?? 0)), tally);
  for (const seed of steps) await run.step(randomFrom(seed));
  await run.finish();
}

class KernelRun {
  private readonly log = new ScriptedLog();
  private readonly processes: Executor[] = [processOn(this.log), processOn(this.log)];
  private readonly wishes: Wish[] = [];
  /** By command id: what stands in the log for it. */
  private readonly done = new Map<string, { readonly wish: Wish; readonly events: RawEvent[] }>();

  constructor(
    private readonly world: World,
    private readonly tally: Tally,
  ) {}

  async step(random: Random): Promise<void> {
    const { world } = this;
    world.steps += 1;
    world.clock += random.chance(0.15) ? 0 : random.int(1, 180) * 60_000;
    if (random.chance(0.1)) happen(random, world);
    // A process dies: what it had in memory is gone, and so is what it was about to do next.
    if (random.chance(0.06)) this.processes[random.int(0, 1)] = processOn(this.log);
    if (random.chance(0.2)) await this.followUp(random);
    const site = random.chance(0.65) ? world.sites[0]! : random.pick(world.sites);
    const count = random.chance(0.6) ? 1 : random.int(2, 4);
    const sends = Array.from({ length: count }, () => this.requestFor(this.wishAt(random, site)));
    if (random.chance(0.25)) sends.push(this.requestFor(sends[0]!.wish));
    await this.together(random, sends);
  }

  /** Whatever is still to be told is told, twice, by a policy that has read the whole log. */
  async finish(): Promise<void> {
    const random = randomFrom(this.world.steps);
    for (let round = 0; this.world.messages.length > 0; round += 1) {
      if (round > 1_000) throw new Disagreement('messages without end', this.world.steps);
      await this.followUp(random, 1);
    }
    const { isTruthful, stuck } = this.world;
    const problem = isTruthful && stuck.length === 0 ? lotsAgree(this.world) : undefined;
    if (problem) throw new Disagreement(problem, this.world.steps);
    const heads = this.world.sites.map(({ stream }) => this.storedIn(stream).length);
    for (const wish of this.wishes.filter(({ commandId }) => this.done.has(commandId)))
      await this.together(random, [this.requestFor(wish)]);
    const after = this.world.sites.map(({ stream }) => this.storedIn(stream).length);
    if (!isSame(heads, after)) throw new Disagreement('a retry has had an effect', 0);
  }

  private wishAt(random: Random, site: Site): Wish {
    const again = this.wishes.filter((wish) => wish.site === site);
    if (again.length > 0 && random.chance(0.12)) return random.pick(again);
    const { world } = this;
    const command = commandOf(random, world, site);
    // A key that was used for something else.
    const old = again.length > 0 && random.chance(0.03) ? random.pick(again).commandId : undefined;
    const wish = {
      commandId: old ?? uuidV5(NAMESPACE, `wish ${this.wishes.length}`),
      site,
      command,
      actor: random.pick(ACTORS),
      effectiveAt: new Date(world.clock - random.int(0, 1) * 3_600_000).toISOString(),
      lotCode: `G${this.wishes.length}`,
      expectedRevision: random.chance(0.12)
        ? site.book.diary.length - 1 - random.int(0, 1)
        : undefined,
    };
    this.wishes.push(wish);
    return wish;
  }

  private requestFor(wish: Wish): Sent {
    const { site, command, effectiveAt, actor, lotCode } = wish;
    const facts = this.world.factsFor(site, command, effectiveAt, actor);
    return { wish, facts: { ...facts, generatedLotCode: lotCode }, allowed: new Set() };
  }

  /** Requests that are under way at the same time, to either process. */
  private async together(random: Random, sends: Sent[]): Promise<void> {
    if (random.chance(0.15))
      this.log.script.push(random.pick(['ackLost', 'requestLost'] as const), 'ok');
    if (random.chance(0.03)) this.log.script.push('requestLost', 'requestLost');
    await Promise.all(
      sends.map(async (sent) => {
        sent.outcome = await this.execute(random.pick(this.processes), sent);
      }),
    );
    this.log.script.length = 0;
    for (const site of new Set(sends.map(({ wish }) => wish.site)))
      this.judge(
        site,
        sends.filter(({ wish }) => wish.site === site),
      );
  }

  private execute(process: Executor, { wish, facts }: Sent): Promise<Outcome<DomainEvent, string>> {
    const { commandId, command, site, actor, effectiveAt, expectedRevision } = wish;
    const context: CommandContext = {
      ...{ commandId, commandHash: show(command), correlationId: 'c', causationId: 'c' },
      ...{ tenant: 'default', actor, effectiveAt, mayBeRetry: true },
      ...(expectedRevision === undefined ? {} : { expectedRevision }),
      deadline: performance.now() + 60_000,
    };
    return process.execute({
      definition: stock,
      stream: site.stream,
      command,
      facts: () => Promise.resolve({ ...facts, ...this.readNow(wish) }),
      context,
    });
  }

  /** What is read of the log at the very moment of a decision. */
  private readNow({ site, command }: Wish): Partial<StockFacts> {
    const stored = this.storedIn(site.stream);
    if (command.type === 'CountStock') {
      const { lotCode = null, revision } = command.data;
      const diary = stored.map(({ id, type, data }) => ({
        id,
        event: { type, data } as StockEvent,
      }));
      return { book: countAfter({ ...site.book, diary }, lotCode, revision) ?? null };
    }
    if (command.type !== 'ReverseMovement') return {};
    const found = stored.find(({ id }) => id === command.data.movementId);
    return { movement: found ? ({ type: found.type, data: found.data } as StockEvent) : null };
  }

  /** What came of requests: the log says in which order, the model says what should have. */
  private judge(site: Site, sends: readonly Sent[]): void {
    this.allow(site.book, sends);
    const stored = this.storedIn(site.stream).slice(site.book.diary.length);
    while (stored.length > 0) {
      const { commandId } = metadataOf(stored[0]!);
      const end = stored.findIndex((event) => metadataOf(event).commandId !== commandId);
      const events = stored.splice(0, end < 0 ? stored.length : end);
      this.happened(
        site,
        events,
        sends.filter(({ wish }) => wish.commandId === commandId),
      );
      this.allow(site.book, sends);
    }
    for (const sent of sends) this.check(sent);
  }

  /** What the model says to each request at this moment. */
  private allow(book: Book, sends: readonly Sent[]): void {
    for (const { wish, facts, allowed } of sends) {
      const { commandId, command, expectedRevision } = wish;
      const before = this.done.get(commandId);
      if (before) allowed.add(isSame(before.wish, wish) ? 'replayed' : 'IDEMPOTENCY_KEY_REUSED');
      else if (expectedRevision !== undefined && expectedRevision !== book.diary.length - 1)
        allowed.add('REVISION_MISMATCH');
      else {
        const answer = answerTo(book, command, facts);
        allowed.add(typeof answer === 'string' ? answer : answer.length === 0 ? 'nothing' : 'done');
      }
    }
  }

  /** One command's events stand in the log: some request must have asked for exactly these. */
  private happened(site: Site, events: readonly RawEvent[], sends: readonly Sent[]): void {
    const { world } = this;
    const written = events.map(({ type, data }) => ({ type, data }) as unknown as StockEvent);
    const asked = sends.find(({ wish, facts }) => {
      const { expectedRevision } = wish;
      if (expectedRevision !== undefined && expectedRevision !== site.book.diary.length - 1)
        return false;
      return isSame(answerTo(site.book, wish.command, facts), written);
    });
    const { commandId } = metadataOf(events[0]!);
    if (!asked || this.done.has(commandId)) {
      const answers = sends.map(({ wish, facts }): Answer => {
        return answerTo(site.book, wish.command, facts);
      });
      const what = this.done.has(commandId) ? 'is done twice' : 'was not to be done like this';
      this.fail(site, `${what}: ${show(written)}\n  model: ${show(answers)}`, sends[0]);
    }
    const { wish, facts } = asked;
    for (const [at, event] of written.entries()) {
      const problem = site.ledger.note(event, site.state, facts.localDate);
      site.state = stock.evolve(site.state, event, { effectiveAt: wish.effectiveAt });
      note(site.book, event, wish.effectiveAt);
      const revision = site.book.diary.length;
      site.book.diary.push({ id: events[at]!.id, event });
      world.messages.push(...followersOf(site.stream, revision, event));
      const wrong = problem ?? site.ledger.check(site.state);
      if (wrong) this.fail(site, `${wrong}: ${show(event)}`, asked);
    }
    const wrong = difference(site.state, site.book, facts.now) ?? site.ledger.settled(site.state);
    if (wrong) this.fail(site, wrong, asked);
    this.done.set(commandId, { wish, events: [...events] });
  }

  /** The answer to a request must be one that the model gives, and the stored events where it was done. */
  private check(sent: Sent): void {
    const { wish, allowed, outcome } = sent;
    if (!outcome) return;
    const said =
      outcome.kind === 'refused' ? outcome.refusal.code : `${outcome.events.length} events`;
    this.tally.told?.push(
      `${wish.commandId} ${wish.command.type} ${show(wish.command.data)}: ${said}`,
    );
    const done = this.done.get(wish.commandId);
    if (outcome.kind === 'refused') {
      const { code } = outcome.refusal;
      this.tally.count(wish.command.type, code);
      if (code !== UNKNOWN && !allowed.has(code))
        this.fail(wish.site, `refused with ${code}, allowed: ${[...allowed].join(', ')}`, sent);
      return;
    }
    this.tally.count(wish.command.type, undefined);
    if (outcome.events.length === 0) {
      if (!allowed.has('nothing')) this.fail(wish.site, 'it is said to change nothing', sent);
      return;
    }
    const stored = done?.events.map(({ id, type, data }) => ({ id, type, data }));
    const told = outcome.events.map(({ id, type, data }) => ({ id, type, data }));
    if (!isSame(stored, told))
      this.fail(wish.site, `told ${show(told)}\n  stored ${show(stored)}`, sent);
    if (outcome.revision !== done?.events.at(-1)?.revision)
      this.fail(wish.site, `told revision ${outcome.revision}`, sent);
  }

  /** Some of what streams have to tell each other is told; a process may die right after, so that it is told again. */
  private async followUp(random: Random, share = 0.4): Promise<void> {
    const { world } = this;
    const messages = world.messages.filter(() => random.chance(share));
    for (const message of messages) {
      const isForgotten = share < 1 && random.chance(0.2);
      if (!isForgotten) world.messages.splice(world.messages.indexOf(message), 1);
      if (message.category === 'lot') takeLot(world, message.command);
      else await this.tell(random, message);
    }
  }

  private async tell(
    random: Random,
    message: Extract<Message, { readonly category: 'stock' }>,
  ): Promise<void> {
    const { stream, command } = message;
    const site = this.world.site(stream);
    const commandId = uuidV5(NAMESPACE, message.id);
    const effectiveAt = this.world.now;
    const base = { commandId, site, command, actor: 'ada', lotCode: 'none' };
    const wish: Wish = this.done.get(commandId)?.wish ?? {
      ...base,
      effectiveAt,
      expectedRevision: undefined,
    };
    const sends = [this.requestFor(wish)];
    if (random.chance(0.3)) sends.push(this.requestFor(wish));
    await this.together(random, sends);
    const codes = sends.map(({ outcome }) =>
      outcome?.kind === 'refused' ? outcome.refusal.code : undefined,
    );
    if (codes.every((code) => code === undefined)) return;
    if (codes.includes('QUANTITY_TOO_LARGE')) this.world.stuck.push(message);
    else if (codes.includes(UNKNOWN)) this.world.messages.push(message);
    else this.fail(site, `a follower is refused: ${codes.join(', ')}`, sends[0]);
  }

  private storedIn(stream: string): RawEvent[] {
    return [...(this.log.streams.get(stream) ?? [])];
  }

  private fail(site: Site, what: string, sent: Sent | undefined): never {
    const { wish, facts } = sent ?? {};
    throw new Disagreement(
      `${site.stream}: ${what}\n  command ${show(wish?.command)}\n  facts ${show(facts)}`,
      this.world.steps,
    );
  }
}

const metadataOf = ({ metadata }: RawEvent): { readonly commandId: string } =>
  metadata as { readonly commandId: string };
