import fc from 'fast-check';
import { expectSame } from '../../test/support/same';
import { anyText } from '../../test/support/texts';
import {
  encodePart,
  itemStream,
  locationStream,
  lotIdOf,
  lotStream,
  normaliseId,
  parseLotId,
  periodStream,
  stockStream,
} from './names';

describe('names of streams', () => {
  test.each([
    [itemStream('default', 'WIDGET-001'), 'item-default.WIDGET-001'],
    [itemStream('default', 'a.b@c'), 'item-default.a%2Eb%40c'],
    [itemStream('my-tenant', 'A_b-1'), 'item-my-tenant.A_b-1'],
    [itemStream('default', '$ 100%/x'), 'item-default.%24%20100%25%2Fx'],
    [itemStream('default', "!'()*~"), 'item-default.%21%27%28%29%2A%7E'],
    [itemStream('default', 'Ä'), 'item-default.%C3%84'],
    [locationStream('default', 'MAIN'), 'location-default.MAIN'],
    [stockStream('default', 'W.1', 'A@B'), 'stock-default.W%2E1@A%40B'],
    [periodStream('default'), 'period-default'],
    [periodStream('my.tenant'), 'period-my%2Etenant'],
    [lotStream('default', 'W.1', 'L/7'), 'lot-default.W%2E1.L%2F7'],
  ])('%s', (name, expected) => {
    expect(name).toBe(expected);
  });
});

describe('ids of lots', () => {
  test('join SKU and lot code, which may hold anything', () => {
    expect(lotIdOf('W.1', 'L/7')).toBe('W%2E1.L%2F7');
    expect(parseLotId('W%2E1.L%2F7')).toStrictEqual({ sku: 'W.1', lotCode: 'L/7' });
  });

  test.each([[''], ['W'], ['W.'], ['.L'], ['W.L.7'], ['W L.7'], ['W.%GG'], ['W.%FF']])(
    '%j is not an id of a lot',
    (lotId) => {
      expect(parseLotId(lotId)).toBeUndefined();
    },
  );
});

test.each([
  ['  W-1\t', 'W-1'],
  ['A\u0308', 'Ä'],
  [' \u00a0x y\u3000', 'x y'],
])('%j as an id is %j', (typed, id) => {
  expect(normaliseId(typed)).toBe(id);
});

/** Ids as hostile as they come: our own joints, escapes, other scripts, combining marks, whatever Unicode has. */
const part = fc.oneof(
  fc.string({
    minLength: 1,
    unit: fc.constantFrom(...".@-%_~!'()*2EAa/$ \0\u0308", 'Ä', '仓', '🏭'),
  }),
  fc.string({ minLength: 1, unit: 'grapheme' }),
  anyText({ minLength: 1 }),
);

/** Takes a name apart as any reader of the log would: at its joints first, then each part by itself. */
function partsOf(stream: string) {
  const [, category, tenant = '', ids = '', location] =
    /^([a-z]+)-([^.@]+)\.([^@]+)(?:@([^@]+))?$/.exec(stream) ?? [];
  const encoded = [...ids.split('.'), ...(location === undefined ? [] : [location])];
  return { category, tenant: decodeURIComponent(tenant), parts: encoded.map(decodeURIComponent) };
}

const nfc = (text: string): string => text.normalize('NFC');

describe('whatever the ids contain', () => {
  test('a name decodes to exactly its parts', () => {
    fc.assert(
      fc.property(part, part, part, (tenant, sku, location) => {
        expectSame(partsOf(itemStream(tenant, sku)), {
          category: 'item',
          tenant: nfc(tenant),
          parts: [nfc(sku)],
        });
        expectSame(partsOf(locationStream(tenant, location)), {
          category: 'location',
          tenant: nfc(tenant),
          parts: [nfc(location)],
        });
        expectSame(partsOf(stockStream(tenant, sku, location)), {
          category: 'stock',
          tenant: nfc(tenant),
          parts: [nfc(sku), nfc(location)],
        });
        expectSame(partsOf(lotStream(tenant, sku, location)), {
          category: 'lot',
          tenant: nfc(tenant),
          parts: [nfc(sku), nfc(location)],
        });
      }),
      { numRuns: 2_000 },
    );
  });

  test('an id of a lot decodes to exactly its parts', () => {
    fc.assert(
      fc.property(part, part, (sku, lotCode) => {
        const parts = { sku: nfc(sku), lotCode: nfc(lotCode) };
        expectSame(parseLotId(lotIdOf(sku, lotCode)), parts);
      }),
      { numRuns: 2_000 },
    );
  });

  test('other parts give another name, the same parts the same', () => {
    const short = fc.string({ minLength: 1, maxLength: 2, unit: fc.constantFrom(...'.@%-4a') });
    const ids = fc.tuple(short, short, short);
    let same = 0;
    fc.assert(
      fc.property(ids, fc.option(ids), (a, b) => {
        const other = b ?? a;
        const isSame = a.every((id, i) => id === other[i]);
        same += Number(isSame);
        expectSame(stockStream(...a) === stockStream(...other), isSame);
      }),
      { numRuns: 2_000 },
    );
    expect(same).toBeGreaterThan(0);
  });

  test('moving a character over a joint gives another name', () => {
    fc.assert(
      fc.property(part, part, (left, right) => {
        for (const joint of ['.', '@', '%40', '-']) {
          const whole = stockStream('t', `${left}${joint}${right}`, 'x');
          const moved = [
            stockStream('t', left, `${right}${joint}x`),
            stockStream(`t.${left}`, right, 'x'),
          ];
          expectSame(moved.includes(whole), false);
        }
      }),
    );
  });

  test('the two ways of writing one character give one name', () => {
    fc.assert(
      fc.property(part, (sku) => {
        expectSame(itemStream('t', sku.normalize('NFD')), itemStream('t', sku));
      }),
      { numRuns: 2_000 },
    );
    expect(itemStream('t', 'A\u0308')).toBe(itemStream('t', '\u00c4'));
  });

  test('a name is plain ASCII without a character that means something elsewhere', () => {
    fc.assert(
      fc.property(part, (id) => {
        expect(encodePart(id)).toMatch(/^[A-Za-z0-9_%-]+$/);
      }),
      { numRuns: 2_000 },
    );
  });
});
