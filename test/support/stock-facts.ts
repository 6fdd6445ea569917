import type { StockFacts } from '../../libs/domain';

/** An active item counted in whole units, at an active place. */
export const facts: StockFacts = {
  item: {
    unit: 'each',
    decimals: 0,
    active: true,
    tracking: 'none',
    qcRequired: false,
    allocationPolicy: 'FIFO',
  },
  location: { active: true },
  localDate: '2026-01-01',
  now: '2026-01-01T12:00:00.000Z',
  actor: 'ada',
  generatedLotCode: 'L-1',
};
