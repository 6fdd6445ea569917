import type { Followed } from '../../../libs/application';

/** The places that a command is told to, each once, among those that know or those that have yet to. */
export function reached(followed: readonly Followed[]): { applied: string[]; pending: string[] } {
  const places = new Map<string, boolean>();
  for (const { leg, outcome } of followed) {
    const { location } = leg.followUp.command.data as { readonly location: string };
    places.set(location, (places.get(location) ?? true) && outcome.kind === 'applied');
  }
  const those = (isApplied: boolean): string[] =>
    [...places].filter(([, done]) => done === isApplied).map(([location]) => location);
  return { applied: those(true), pending: those(false) };
}
