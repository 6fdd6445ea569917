import { codeOf, issue, processOn, receive, send, stream } from '../../test/support/commands';
import { ScriptedLog } from '../../test/support/scripted-log';
import { stock, type StockCommand } from '../domain';
import type { Series } from './types';

/** More than are decided in one round. */
const MANY = 300;
const aSeries = (): Series => ({ undecided: false });

/** Receipts of one unit each, all of one series, submitted at once; what became of each. */
const receipts = async (log: ScriptedLog, executor = processOn(log)): Promise<string[]> => {
  const series = aSeries();
  const outcomes = await Promise.all(
    Array.from({ length: MANY }, (_, at) =>
      send(executor, `row ${at}`, receive(1), { series, source: { id: 'file', sequence: at } }),
    ),
  );
  return outcomes.map(codeOf);
};

const countsOf = (codes: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
};

describe('commands in a series', () => {
  it('are decided in their order, in as many rounds as they need', async () => {
    const log = new ScriptedLog();
    expect(countsOf(await receipts(log))).toEqual({ accepted: MANY });
    const rows = log.streams.get(stream)!.map(({ metadata }) => sequenceOf(metadata));
    expect(rows).toEqual(Array.from({ length: MANY }, (_, at) => at));
  });

  it('a refusal of one is its verdict alone', async () => {
    const log = new ScriptedLog();
    const here = processOn(log);
    const series = aSeries();
    const codes = await Promise.all(
      [issue(1), receive(2), issue(2)].map((command, at) =>
        send(here, `row ${at}`, command, { series }),
      ),
    );
    expect(codes.map(codeOf)).toEqual(['INSUFFICIENT_STOCK', 'accepted', 'accepted']);
  });

  it('nothing is written behind a gap: rows whose append got lost, though the store is there for those after them', async () => {
    const log = new ScriptedLog();
    const here = processOn(log);
    log.script.push('requestLost', 'requestLost');
    const codes = await receipts(log, here);
    const { OUTCOME_UNKNOWN: sent = 0, EARLIER_UNDECIDED: left = 0 } = countsOf(codes);
    expect([sent > 0, left > 0, sent + left]).toEqual([true, true, MANY]);
    expect(log.streams.get(stream) ?? []).toHaveLength(0);
    // The same again, as a series of its own, finds everything as it was.
    expect(countsOf(await receipts(log, here))).toEqual({ accepted: MANY });
    expect(log.streams.get(stream)).toHaveLength(MANY);
  });

  it('one that is late takes along those after it, and not those of others', async () => {
    const log = new ScriptedLog();
    const here = processOn(log);
    const series = aSeries();
    const codes = await Promise.all([
      send(here, 'first', receive(1), { series }),
      send(here, 'late', receive(2), { series, deadline: performance.now() - 1 }),
      send(here, 'after it', receive(3), { series }),
      send(here, 'of another', receive(4), { series: aSeries() }),
      send(here, 'of none', receive(5)),
    ]);
    expect(codes.map(codeOf)).toEqual([
      'accepted',
      'STREAM_BUSY',
      'EARLIER_UNDECIDED',
      'accepted',
      'accepted',
    ]);
  });

  it('one that is to be sent again later takes along those after it in the same round', async () => {
    const log = new ScriptedLog();
    const here = processOn(log);
    const series = aSeries();
    const second = receive(2);
    const busy = {
      ...stock,
      decide: (command: StockCommand, ...rest: [never, never]) =>
        command === second
          ? ({ accepted: false, refusal: { code: 'STREAM_BUSY', detail: 'later' } } as const)
          : stock.decide(command, ...rest),
    } as typeof stock;
    const codes = await Promise.all([
      ...[receive(1), second, receive(3)].map((command, at) =>
        send(here, `row ${at}`, command, { series }, stream, busy),
      ),
      send(here, 'of none', receive(4), {}, stream, busy),
    ]);
    expect(codes.map(codeOf)).toEqual(['accepted', 'STREAM_BUSY', 'EARLIER_UNDECIDED', 'accepted']);
  });

  it('what was decided before is answered all the same', async () => {
    const log = new ScriptedLog();
    const here = processOn(log);
    await send(here, 'done', receive(3));
    const series: Series = aSeries();
    const [late, done] = await Promise.all([
      send(here, 'late', receive(2), { series, deadline: performance.now() - 1 }),
      send(here, 'done', receive(3), { series: aSeries() }),
    ]);
    expect([late, done].map(codeOf)).toEqual(['STREAM_BUSY', 'accepted']);
    expect(done).toMatchObject({ replayed: true });
  });
});

const sequenceOf = (metadata: unknown): number =>
  (metadata as { source: { sequence: number } }).source.sequence;
