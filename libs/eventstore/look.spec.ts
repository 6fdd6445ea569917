import { ScriptedLog } from '../../test/support/scripted-log';
import { location, locationStream, type LocationFacts } from '../domain';
import { createLogger, newId } from '../runtime';
import { createExecutor, type Executor } from './execute';

/** Decisions that ask for streams which are being decided themselves. */

const streamOf = (code: string): string => locationStream('default', code);
let executor: Executor;

beforeEach(async () => {
  executor = createExecutor({
    store: { client: new ScriptedLog() },
    logger: createLogger('test', 'silent'),
  });
  for (const code of ['A', 'B', 'C']) await register(code, () => Promise.resolve(noParent));
});

const noParent: LocationFacts = { parent: null };

const run = (
  code: string,
  type: 'RegisterLocation' | 'UpdateLocation',
  parent: string | null,
  facts: () => Promise<LocationFacts>,
) =>
  executor.execute({
    definition: location,
    stream: streamOf(code),
    command: { type, data: { code, parent } },
    context: {
      commandId: newId(),
      commandHash: '',
      correlationId: 'c',
      causationId: 'c',
      tenant: 'default',
      actor: 'tester',
      effectiveAt: '2026-01-01T00:00:00.000Z',
      mayBeRetry: false,
      deadline: performance.now() + 5_000,
    },
    facts,
  });
const register = (code: string, facts: () => Promise<LocationFacts>) =>
  run(code, 'RegisterLocation', null, facts);
const moveInto = (code: string, parent: string) =>
  run(code, 'UpdateLocation', parent, async () => {
    const { state } = await executor.stateOf(location, streamOf(parent));
    return { parent: { exists: state !== null, ancestors: [] } };
  });

it('a decision that asks for its own stream is made', async () => {
  expect(await moveInto('A', 'A')).toMatchObject({
    kind: 'refused',
    refusal: { code: 'LOCATION_PARENT_INVALID' },
  });
});

it.each([
  [
    ['A', 'B'],
    ['B', 'A'],
  ],
  [
    ['A', 'B'],
    ['B', 'C'],
    ['C', 'A'],
    ['A', 'C'],
    ['C', 'B'],
  ],
])('decisions that ask for the streams of each other are made: %j, %j', async (...moves) => {
  for (let round = 0; round < 10; round += 1) {
    const looks = ['A', 'B', 'C'].map((code) => executor.stateOf(location, streamOf(code)));
    const outcomes = await Promise.all(
      moves.map(([code = '', parent = '']) => moveInto(code, parent)),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(moves.map(() => 'accepted'));
    await Promise.all(looks);
  }
});

it('a decision that waits for a look which came right after its command is made', async () => {
  let look: Promise<unknown> = Promise.resolve();
  const moved = run('A', 'UpdateLocation', 'B', async () => {
    await look;
    return { parent: { exists: true, ancestors: [] } };
  });
  look = executor.stateOf(location, streamOf('A'));
  expect(await moved).toMatchObject({ kind: 'accepted' });
});

it('what is seen is never older than what was there when it was asked for', async () => {
  const renamed = run('A', 'UpdateLocation', 'B', async () => {
    const { revision } = await executor.stateOf(location, streamOf('A'));
    expect(revision).toBe(0);
    return { parent: { exists: true, ancestors: [] } };
  });
  await renamed;
  expect(await executor.stateOf(location, streamOf('A'))).toMatchObject({
    revision: 1,
    state: { parent: 'B' },
  });
});
