import { field, numberField } from '../log/wire';

const EMPTY = Buffer.alloc(0);
const orNothing = (number: number, value: number): Buffer =>
  value === 0 ? EMPTY : numberField(number, value);

/** The `ReadResp` messages that carry no event. */
export const CAUGHT_UP = field(8, EMPTY);

export const confirmation = (subscriptionId: string): Buffer =>
  field(2, field(1, Buffer.from(subscriptionId)));

export const checkpoint = (commit: number, prepare: number): Buffer =>
  field(3, Buffer.concat([orNothing(1, commit), orNothing(2, prepare)]));

export const streamNotFound = (stream: string): Buffer =>
  field(4, field(1, field(3, Buffer.from(stream))));
