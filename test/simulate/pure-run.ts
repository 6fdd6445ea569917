import {
  problemsOf,
  stock,
  stockEvents,
  type StockCommand,
  type StockEvent,
  type StockFacts,
} from '../../libs/domain';
import { randomFrom, type Random } from '../differential/random';
import { followersOf, happen, lotsAgree, takeLot } from './around';
import { difference, isSame, show } from './compare';
import { commandOf } from './generate';
import { answerTo } from './model/rules';
import { note } from './model/note';
import { Disagreement, type Tally } from './tally';
import { SKUS, World, type Message, type Site } from './world';

/*
 * Commands through decide and evolve alone, each compared with what the reference model says to it. A step is a number
 * that determines what is tried in the world as it stands then, so that any steps can be left out.
 */

const ACTORS = ['ada', 'ben', 'cleo'] as const;

export function runPure(steps: readonly number[], tally: Tally): void {
  const world = new World(randomFrom(steps[0] ?? 0));
  for (const seed of steps) step(world, randomFrom(seed), tally);
  for (let left = 1_000; world.messages.length > 0; left -= 1) {
    if (left === 0) throw new Disagreement('messages without end', world.steps);
    deliver(world, world.messages.shift()!, tally);
  }
  const problem =
    SKUS.map((sku) => conservation(world, sku)).find((each) => each !== undefined) ??
    (world.isTruthful && world.stuck.length === 0 ? lotsAgree(world) : undefined);
  if (problem) throw new Disagreement(problem, world.steps);
}

function step(world: World, random: Random, tally: Tally): void {
  world.steps += 1;
  world.clock += random.chance(0.15) ? 0 : random.int(1, 180) * 60_000;
  if (random.chance(0.1)) happen(random, world);
  if (world.messages.length > 0 && random.chance(world.haste)) {
    const [message] = world.messages.splice(random.int(0, world.messages.length - 1), 1);
    // What is told of a lot's status may be told twice; an arrival is known by its command id.
    const isHarmless = message!.command.type !== 'AcceptArrival';
    if (isHarmless && random.chance(0.2)) world.messages.push(message!);
    return deliver(world, message!, tally);
  }
  // Most goes on at one place, so that something builds up there.
  const site = random.chance(0.65) ? world.sites[0]! : random.pick(world.sites);
  const command = commandOf(random, world, site);
  const ago = random.chance(0.2) ? random.int(1, 60) * 3_600_000 : 0;
  const effectiveAt = new Date(world.clock - ago).toISOString();
  const facts = spoilt(random, world.factsFor(site, command, effectiveAt, random.pick(ACTORS)));
  take(world, site, command, facts, effectiveAt, tally);
  if (random.chance(0.04)) repack(site);
}

/** Now and then what a decision needs is not there. */
function spoilt(random: Random, facts: StockFacts): StockFacts {
  if (!random.chance(0.02)) return facts;
  const spoils = [{ item: null }, { location: null }, { closedThrough: '2026-05-31' }];
  return { ...facts, ...random.pick<Partial<StockFacts>>(spoils) };
}

/** Goes on from a snapshot. */
function repack(site: Site): void {
  const { pack, unpack } = stock.form;
  site.state = unpack(JSON.parse(JSON.stringify(pack(site.state))));
}

function deliver(world: World, message: Message, tally: Tally): void {
  if (message.category === 'lot') {
    tally.told?.push(`${world.now} ${message.command.type} ${show(message.command.data)}`);
    return takeLot(world, message.command);
  }
  const { command } = message;
  const site = world.site(message.stream);
  const facts = world.factsFor(site, command, world.now, 'ada');
  take(world, site, command, facts, world.now, tally);
  if (tally.last === 'QUANTITY_TOO_LARGE') world.stuck.push(message);
  else if (tally.last !== undefined)
    throw new Disagreement(`a follower is refused: ${tally.last}`, world.steps);
}

/** One command: model and product must say the same, do the same and end up the same. */
function take(
  world: World,
  site: Site,
  command: StockCommand,
  facts: StockFacts,
  effectiveAt: string,
  tally: Tally,
): void {
  const answer = answerTo(site.book, command, facts);
  const verdict = stock.decide(command, site.state, facts);
  const said = verdict.accepted ? verdict.events : verdict.refusal.code;
  tally.count(command.type, verdict.accepted ? undefined : verdict.refusal.code);
  tally.told?.push(`${effectiveAt} ${command.type} ${show(command.data)}: ${summary(said)}`);
  if (!isSame(answer, said)) {
    throw new Disagreement(
      `${site.stream}: ${show(command)}\n  facts ${show(facts)}\n  model: ${show(answer)}\n  product: ${show(said)}`,
      world.steps,
    );
  }
  if (!verdict.accepted) return;
  for (const event of verdict.events) {
    happened(world, site, event, facts, effectiveAt);
    const problem = site.ledger.check(site.state) ?? difference(site.state, site.book, facts.now);
    if (problem) {
      const context = `${show(command)}\n  at ${show(event)}`;
      throw new Disagreement(`${site.stream}: ${problem}\n  after ${context}`, world.steps);
    }
  }
  const problem = site.ledger.settled(site.state) ?? conservation(world, site.sku);
  if (problem)
    throw new Disagreement(`${site.stream}: ${problem}\n  after ${show(command)}`, world.steps);
}

const summary = (said: string | readonly StockEvent[]): string =>
  typeof said === 'string' ? said : said.map(({ type }) => type).join(', ') || 'nothing';

function happened(
  world: World,
  site: Site,
  event: StockEvent,
  facts: StockFacts,
  effectiveAt: string,
): void {
  const problem =
    problemsOf(stockEvents[event.type], event.data)[0] ??
    site.ledger.note(event, site.state, facts.localDate);
  if (problem) throw new Disagreement(`${site.stream}: ${problem}: ${show(event)}`, world.steps);
  site.state = stock.evolve(site.state, event, { effectiveAt });
  note(site.book, event, effectiveAt);
  const revision = site.book.diary.length;
  site.book.diary.push({ id: `${site.stream}#${revision}`, event });
  world.messages.push(...followersOf(site.stream, revision, event));
}

/** Of every lot: what was sent has come, is under way, was lost or went back. */
function conservation(world: World, sku: string): string | undefined {
  const sites = world.sites.filter((site) => site.sku === sku);
  const codes = new Set(sites.flatMap(({ ledger }) => [...ledger.flows.keys()]));
  for (const code of codes) {
    let [sent, told, arrived, gone, outstanding, pending] = [0, 0, 0, 0, 0, 0];
    for (const { ledger, book } of sites) {
      const flow = ledger.flows.get(code);
      sent += flow?.dispatched ?? 0;
      told += flow?.told ?? 0;
      arrived += flow?.arrived ?? 0;
      gone += (flow?.writtenOff ?? 0) + (flow?.cancelled ?? 0);
      for (const { lines } of book.voyages.values())
        for (const line of lines) if ((line.code ?? '') === code) outstanding += line.units;
    }
    for (const message of [...world.messages, ...world.stuck]) {
      if (message.command.type !== 'AcceptArrival') continue;
      const { data } = message.command;
      if (data.sku === sku && (data.lotCode ?? '') === code) pending += data.quantity;
    }
    if (sent !== told + gone + outstanding)
      return `${code}: ${sent} sent, ${told} told, ${gone} gone, ${outstanding} outstanding`;
    if (told !== arrived + pending)
      return `${code}: ${told} told, ${arrived} arrived, ${pending} under way`;
  }
  return undefined;
}
