import {
  problemsOf,
  type Command,
  type DomainEvent,
  type EventMetadata,
  type StreamDefinition,
} from '../../libs/domain';
import { expectSame, sealed } from './same';

/** When an event of `given` happened, where the case does not say. */
const LONG_AGO = '2026-01-01T00:00:00.000Z';

interface Then<E extends DomainEvent, Code extends string> {
  /** Exactly these events, or exactly this code. */
  then(expected: readonly E[] | Code): void;
  /** Accepted, and there is nothing to write. */
  thenNothing(): void;
}

interface When<C extends Command, E extends DomainEvent, Facts, Code extends string> {
  when(command: C, facts: Facts): Then<E, Code>;
}

/** An event with the time it happened, where that matters. */
export type Happened<E extends DomainEvent> = E | readonly [effectiveAt: string, event: E];

/** Cases for one kind of stream, told as history, command and verdict. No mocks: the real fold and the real rules. */
export const givenFor =
  <State, C extends Command, E extends DomainEvent, Facts, Code extends string>(
    definition: StreamDefinition<State, C, E, Facts, Code>,
  ) =>
  (...history: readonly Happened<E>[]): When<C, E, Facts, Code> => ({
    when(command, facts) {
      const state = stateAfter(definition, history);
      const expectUntouched = sealed({ state, command, facts });
      const verdict = definition.decide(command, state, facts);
      // A rule that writes on what it was given would decide differently the second time.
      expectUntouched();
      return {
        then(expected) {
          if (typeof expected !== 'string') {
            expect(verdict).toStrictEqual({ accepted: true, events: expected });
            expectToBeWritable(definition, expected);
            return;
          }
          expect(verdict).toStrictEqual({
            accepted: false,
            refusal: { code: expected, detail: expect.stringMatching(/\S+ \S+/) as string },
          });
        },
        thenNothing() {
          expect(verdict).toStrictEqual({ accepted: true, events: [] });
        },
      };
    },
  });

/** The state that a history folds to. */
export function stateAfter<State, C extends Command, E extends DomainEvent, Facts>(
  definition: StreamDefinition<State, C, E, Facts>,
  history: readonly Happened<E>[],
): State {
  let state = definition.initial;
  for (const step of history) {
    const [effectiveAt, event] = isTimed(step) ? step : [LONG_AGO, step];
    expectToBeWritable(definition, [event]);
    const expectUntouched = sealed(state);
    const next = definition.evolve(state, event, { effectiveAt } satisfies Partial<EventMetadata>);
    expectUntouched();
    state = next;
  }
  return state;
}

/** A case must not rest upon events that the log would never take. */
function expectToBeWritable(
  definition: Pick<StreamDefinition<unknown, Command, DomainEvent, unknown>, 'events'>,
  events: readonly DomainEvent[],
): void {
  for (const { type, data } of events) {
    const shape = definition.events[type];
    expectSame(shape ? problemsOf(shape, data) : [`${type} is not in the catalogue`], []);
  }
}

const isTimed = <E extends DomainEvent>(step: Happened<E>): step is readonly [string, E] =>
  Array.isArray(step);
