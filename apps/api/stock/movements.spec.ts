import 'reflect-metadata';
import { genericMovement } from './movements';

const form = { sku: 'A', quantity: 3 };
const at = { sku: 'A', location: 'MAIN' };

describe('the generic form of a movement', () => {
  it.each<[object, string, object]>([
    [{ type: 'IN' }, 'ReceiveStock', { quantity: '3' }],
    [{ type: 'stock-in', purpose: 'production' }, 'ReceiveStock', { purpose: 'PRODUCTION' }],
    [{ type: ' Receive ' }, 'ReceiveStock', { quantity: '3' }],
    [
      { type: 'receive', unitCost: '2.00' },
      'ReceiveStock',
      { unitCost: { amount: '2.00', currency: 'USD' } },
    ],
    [
      { type: 'receive', lotCode: 'L', supplierLot: 'S-9', parentLots: ['A.L2', 'B.L'] },
      'ReceiveStock',
      { lotCode: 'L', supplierLot: 'S-9', parentLots: ['A.L2', 'B.L'] },
    ],
    [{ type: 'SALE' }, 'IssueStock', { purpose: 'SALE' }],
    [{ type: 'sale', purpose: 'sale' }, 'IssueStock', { purpose: 'SALE' }],
    [{ type: 'Removal' }, 'IssueStock', { purpose: 'REMOVAL' }],
    [{ type: 'issue', purpose: 'disposal' }, 'IssueStock', { purpose: 'DISPOSAL' }],
    [
      { type: 'removal', purpose: 'damage', reason: 'fell' },
      'AdjustStock',
      { quantity: '-3', purpose: 'DAMAGE' },
    ],
    [{ type: 'adjust', reason: 'found', quantity: '-2.50' }, 'AdjustStock', { quantity: '-2.5' }],
  ])('%j is %s', (given, type, data) => {
    const { command } = genericMovement({ ...form, ...given });
    expect(command).toMatchObject({ type, data: { ...at, ...data } });
  });

  it.each<[unknown, string]>([
    [{ ...form }, 'UNKNOWN_MOVEMENT_TYPE'],
    [{ ...form, type: 'out' }, 'UNKNOWN_MOVEMENT_TYPE'],
    [{ ...form, type: 7 }, 'UNKNOWN_MOVEMENT_TYPE'],
    [{ ...form, type: 'toString' }, 'UNKNOWN_MOVEMENT_TYPE'],
    [{ ...form, type: 'sale', purpose: 'CONSUMPTION' }, 'VALIDATION_FAILED'],
    [{ ...form, type: 'sale', purpose: 7 }, 'VALIDATION_FAILED'],
    [{ ...form, type: 'removal', purpose: 'DAMAGE' }, 'VALIDATION_FAILED'],
    [{ ...form, type: 'sale', expiresOn: '2027-01-01' }, 'VALIDATION_FAILED'],
    [{ ...form, type: 'adjust' }, 'VALIDATION_FAILED'],
    [{ ...form, type: 'in', currency: 'USD' }, 'VALIDATION_FAILED'],
    [{ ...form, type: 'in', lotCode: 'L 1', parentLots: ['A.L%201'] }, 'VALIDATION_FAILED'],
    [null, 'VALIDATION_FAILED'],
    [[], 'VALIDATION_FAILED'],
    ['x', 'VALIDATION_FAILED'],
  ])('%j is refused with %s', (given, code) => {
    expect(() => genericMovement(given)).toThrow(expect.objectContaining({ code }) as Error);
  });
});
