import type { Followed } from '../../../libs/application';

/** Where something is in force, and where it is not yet. */
export interface Reached {
  readonly applied: readonly string[];
  readonly pending: readonly string[];
}

/** The places that a command is told to, each once, among those that know or those that have yet to. */
export function reached(followed: readonly Followed[]): Reached {
  const places = new Map<string, boolean>();
  for (const { leg, outcome } of followed) {
    const { location } = leg.followUp.command.data as { readonly location: string };
    places.set(location, (places.get(location) ?? true) && outcome.kind === 'applied');
  }
  return sorted([...places]);
}

/** Places by whether it is in force there, in their order. */
export function sorted(places: readonly (readonly [location: string, done: boolean])[]): Reached {
  const those = (isApplied: boolean): string[] =>
    places.filter(([, done]) => done === isApplied).map(([location]) => location);
  return { applied: those(true), pending: those(false) };
}
