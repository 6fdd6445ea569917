import { arrived, factsOf, juneAt, place, received } from '../../../test/support/stock-cases';
import { givenFor, type Happened } from '../../../test/support/given';
import { stock, type StockCommand, type StockEvent, type StockFacts } from '.';

/** When what is on its way may have ended: never before it left. */

const given = givenFor(stock);
const T1 = 'TEA@NORTH.T1';
const line = {
  ...place,
  unit: 'bag',
  decimals: 0,
  lotCode: null,
  quantity: 5,
  transferId: T1,
  to: 'SOUTH',
};
const origin = {
  receivedAt: juneAt(1),
  expiresOn: null,
  qcStatus: 'APPROVED' as const,
  lotRevision: null,
};
const dispatchedOn = (day: number): Happened<StockEvent> => [
  juneAt(day),
  { type: 'StockDispatched', data: { entered: null, reference: null, ...origin, ...line } },
];
const came = (quantity: number, outstanding: number): StockEvent => ({
  type: 'TransferReceived',
  data: { ...origin, ...line, quantity, outstanding },
});

const receive = (wish: object = {}): StockCommand => ({
  type: 'ReceiveTransfer',
  data: { ...place, transferId: T1, ...wish },
});
const cancel: StockCommand = { type: 'CancelTransfer', data: { ...place, transferId: T1 } };
const happened = (happenedAt: string): StockFacts => factsOf({}, { happenedAt });
const BEFORE = '2026-06-10T07:59:59.999Z';

describe('of a transfer that left on 10 June at 8', () => {
  const left = [received(null, 9, 1), dispatchedOn(10)];

  test.each<[string, StockCommand]>([
    ['comes', receive()],
    ['comes in part', receive({ quantity: '2' })],
    ['is missing', receive({ missing: '5' })],
    ['is called off', cancel],
  ])('nothing %s before that', (_, command) => {
    given(...left)
      .when(command, happened(BEFORE))
      .then('EFFECTIVE_AT_BEFORE_DISPATCH');
  });

  test('all may come in that very moment', () => {
    given(...left)
      .when(receive(), happened(juneAt(10)))
      .then([came(5, 0)]);
  });

  test('it comes when it is told, where nobody says when: clocks differ', () => {
    given(...left)
      .when(receive(), factsOf())
      .then([came(5, 0)]);
  });

  test('the refusal tells from when on it is taken', () => {
    const state = left.reduce((before, step) => {
      const [effectiveAt, event] = step as readonly [string, StockEvent];
      return stock.evolve(before, event, { effectiveAt });
    }, stock.initial);
    const verdict = stock.decide(receive(), state, happened(BEFORE));
    expect(verdict).toMatchObject({
      refusal: {
        detail: `transfer ${T1} left at ${juneAt(10)}, after ${BEFORE}; send an effectiveAt of ${juneAt(10)} or later, or none`,
      },
    });
  });

  test('what has come in part keeps the time of the dispatch', () => {
    given(...left, [juneAt(14), came(2, 3)])
      .when(receive(), happened(BEFORE))
      .then('EFFECTIVE_AT_BEFORE_DISPATCH');
    given(...left, [juneAt(14), came(2, 3)])
      .when(receive(), happened(juneAt(12)))
      .then([came(3, 0)]);
  });

  test('that it has ended is said first', () => {
    given(...left, came(5, 0))
      .when(receive(), happened(BEFORE))
      .then('TRANSFER_ENDED');
  });
});

test('where it goes an arrival is never refused for its time', () => {
  const { transferId: _, to: __, ...rest } = line;
  const data = { ...rest, ...origin, transferId: 'TEA@SOUTH.T1', from: 'SOUTH' };
  given()
    .when({ type: 'AcceptArrival', data }, happened(BEFORE))
    .then([arrived(null, 5, juneAt(1))]);
});
