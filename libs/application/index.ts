export { FactsReader, generatedLotCode, localDateOf } from './facts';
export {
  type Followed,
  FollowUps,
  type FollowUpsOptions,
  type Leg,
  type LegOutcome,
  NO_LEGS,
} from './follow-ups';
export { inParallel } from './in-parallel';
export {
  type DueReservation,
  type DueReservations,
  type Looked,
  ReservationExpiry,
} from './reservation-expiry';
