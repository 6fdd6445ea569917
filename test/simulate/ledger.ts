import type { StockEvent, StockState } from '../../libs/domain';
import { isUsable, lotOf, lotsOf } from '../../libs/domain';
import { valuesOf } from '../../libs/domain/sorted-tree';

/*
 * What must hold whatever the rules are, judged from the events alone: nothing below zero, everything adds up, what is
 * reserved is what reservations say, and nothing that may not be used is set aside or leaves.
 */

/** The balance is received - issued + adjusted + in - out: of each of these alone there may be more than a number holds. */
interface Sums {
  balance: number;
  reserved: number;
}

interface Demand {
  allocated: number;
  short: number;
}

type Flow = 'dispatched' | 'told' | 'arrived' | 'writtenOff' | 'cancelled';

export class Ledger {
  private readonly lots = new Map<string, Sums>();
  private readonly open = new Map<string, Demand>();
  private readonly ended = new Set<string>();
  /** Per lot, of what was sent from here and what has come here. */
  readonly flows = new Map<string, Record<Flow, number>>();

  /** Judges an event by the state it was decided on, and notes it. `day` is the calendar day it was decided for. */
  note(event: StockEvent, before: StockState, day: string): string | undefined {
    const { type, data } = event;
    const usable = (code: string | null): boolean => {
      const lot = lotOf(before.lots, code ?? '');
      return lot !== undefined && isUsable(lot, day);
    };
    switch (type) {
      case 'StockReceived.v2':
      case 'StockReturned':
        return void (this.of(data.lotCode).balance += data.quantity);
      case 'StockAdjusted.v2':
      case 'MovementReversed':
        return void (this.of(data.lotCode).balance += data.quantity);
      case 'StockCounted':
        return void (this.of(data.lotCode).balance += data.variance);
      case 'StockArrived':
        this.flow(data.lotCode).arrived += data.quantity;
        return void (this.of(data.lotCode).balance += data.quantity);
      case 'StockDispatched':
        this.flow(data.lotCode).dispatched += data.quantity;
        return void (this.of(data.lotCode).balance -= data.quantity);
      case 'TransferReceived':
        return void (this.flow(data.lotCode).told += data.quantity);
      case 'TransferWrittenOff':
        return void (this.flow(data.lotCode).writtenOff += data.quantity);
      case 'TransferCancelled':
        this.flow(data.lotCode).cancelled += data.quantity;
        return void (this.of(data.lotCode).balance += data.quantity);
      case 'StockIssued.v2': {
        this.of(data.lotCode).balance -= data.quantity;
        const isWaste = data.purpose === 'DISPOSAL' || data.purpose === 'RETURN_TO_SUPPLIER';
        if (data.reservationId !== null) {
          const lines = [{ lotCode: data.lotCode, quantity: data.quantity }];
          const problem = this.change(data.reservationId, lines, -1, 0);
          return problem ?? (usable(data.lotCode) ? undefined : 'an unusable lot is issued');
        }
        return isWaste || usable(data.lotCode) ? undefined : 'an unusable lot is issued';
      }
      case 'StockReserved':
        if (this.open.has(data.reservationId) || this.ended.has(data.reservationId))
          return `${data.reservationId} is made twice`;
        this.open.set(data.reservationId, { allocated: 0, short: 0 });
        if (!data.allocations.every(({ lotCode }) => usable(lotCode)))
          return 'an unusable lot is reserved';
        return this.change(data.reservationId, data.allocations, 1, data.short);
      case 'ReservationReleased':
      case 'ReservationExpired':
        return this.change(data.reservationId, data.allocations, -1, -data.short);
      case 'AllocationsMoved':
        if (!data.to.every(({ lotCode }) => usable(lotCode))) return 'an unusable lot is reserved';
        return (
          this.change(data.reservationId, data.to, 1, 0) ??
          this.change(data.reservationId, data.from, -1, data.short)
        );
      default:
        return undefined;
    }
  }

  /** I1 to I4, of one place. */
  check(state: StockState): string | undefined {
    const lots = lotsOf(state.lots);
    let all = 0;
    for (const { lotCode, onHand, reserved, held } of lots) {
      const name = lotCode ?? 'the pool';
      if (onHand < 0 || !Number.isSafeInteger(onHand)) return `${name} holds ${onHand}`;
      if (reserved < 0 || held < 0) return `${name} has ${reserved} reserved, ${held} on hold`;
      if (reserved + held > onHand)
        return `${name}: ${reserved} reserved and ${held} on hold of ${onHand}`;
      const { balance, reserved: promised } = this.of(lotCode);
      if (balance !== onHand) return `${name}: its movements make ${balance}, on hand is ${onHand}`;
      if (promised !== reserved)
        return `${name}: reservations hold ${promised}, reserved is ${reserved}`;
      all += onHand;
    }
    if (all !== state.onHand) return `the lots hold ${all}, together it says ${state.onHand}`;
    let open = 0;
    for (const { allocations, short } of valuesOf(state.reservations.open)) {
      open += short;
      for (const { quantity } of allocations) open += quantity;
    }
    let demanded = 0;
    for (const { allocated, short } of this.open.values()) demanded += allocated + short;
    return open === demanded ? undefined : `${demanded} are demanded, reservations say ${open}`;
  }

  /** After a whole append: nothing is set aside that quality control has not approved. */
  settled(state: StockState): string | undefined {
    const bad = lotsOf(state.lots).find(
      ({ qcStatus, reserved }) => qcStatus !== 'APPROVED' && reserved > 0,
    );
    return bad && `lot ${bad.lotCode} is ${bad.qcStatus} and has ${bad.reserved} reserved`;
  }

  private change(
    id: string,
    lines: readonly { readonly lotCode: string | null; readonly quantity: number }[],
    sign: 1 | -1,
    short: number,
  ): string | undefined {
    const demand = this.open.get(id);
    if (!demand) return `${id} changes and is not open`;
    for (const { lotCode, quantity } of lines) {
      this.of(lotCode).reserved += sign * quantity;
      demand.allocated += sign * quantity;
    }
    demand.short += short;
    if (demand.allocated < 0 || demand.short < 0) return `${id} gives back more than it had`;
    if (demand.allocated + demand.short === 0) {
      this.open.delete(id);
      this.ended.add(id);
    }
    return undefined;
  }

  private of(code: string | null): Sums {
    const key = code ?? '';
    let sums = this.lots.get(key);
    if (!sums) {
      sums = { balance: 0, reserved: 0 };
      this.lots.set(key, sums);
    }
    return sums;
  }

  private flow(code: string | null): Record<Flow, number> {
    const key = code ?? '';
    let flow = this.flows.get(key);
    if (!flow) {
      flow = { dispatched: 0, told: 0, arrived: 0, writtenOff: 0, cancelled: 0 };
      this.flows.set(key, flow);
    }
    return flow;
  }
}
