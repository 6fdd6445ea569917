import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  documentId,
  item,
  location,
  lot,
  period,
  stock,
  streams,
  type Command,
  type DocumentKind,
  type DomainEvent,
  type EventMetadata,
  type InventoryEvent,
  type ItemCommand,
  type LotCommand,
  type QcStatus,
  type StockCommand,
  type StockFacts,
  type StreamDefinition,
} from '../../libs/domain';
import { decode, type RawEvent } from '../../libs/eventstore/codec';
import { sha256, uuidV5 } from '../../libs/runtime/ids';

/** One recorded event of every type ever written, as it was written: `test/golden/<Type>.json`, never edited. */
const GOLDEN_FOLDER = join(__dirname, '../golden');

interface Sample {
  readonly stream: string;
  readonly command: Command;
  readonly facts: unknown;
  readonly events: readonly DomainEvent[];
}

const everything = {
  name: 'Basmati rice, 5 kg sack',
  description: 'Long grain. Keep dry.',
  category: 'Food',
  attributes: { colour: 'white', origin: 'IN' },
  aliases: ['RICE', 'बासमती'],
  barcodes: ['4006381333931'],
  suppliers: [{ supplier: 'ACME', supplierSku: 'R-5', leadTimeDays: 14 }],
  tracking: 'lot',
  qcRequired: true,
  allocationPolicy: 'FEFO',
  units: [{ unit: 'lb', numerator: 45_359_237, denominator: 100_000_000 }],
  countVarianceLimit: '0.5',
} as const;
const sku = 'RICE-001';
const code = 'NORTH';

/** The verdict of the real rules over real commands, taken one after the other. */
function story<State, C extends Command, E extends DomainEvent, Facts>(
  definition: StreamDefinition<State, C, E, Facts>,
  stream: string,
  steps: readonly (readonly [command: C, facts: Facts])[],
): Sample[] {
  let state = definition.initial;
  return steps.map(([command, facts]) => {
    const verdict = definition.decide(command, state, facts);
    if (!verdict.accepted) throw new Error(`${command.type}: ${verdict.refusal.detail}`);
    state = verdict.events.reduce((s, event) => definition.evolve(s, event, TIMES), state);
    return { stream, command, facts, events: verdict.events };
  });
}

const TIMES = {
  effectiveAt: '2026-03-01T08:30:00.000Z',
  recordedAt: '2026-03-01T09:00:00.123Z',
};
const known = { unknownLocations: [] };
const facts: StockFacts = {
  item: {
    unit: 'kg',
    decimals: 3,
    active: true,
    tracking: 'lot',
    qcRequired: false,
    allocationPolicy: 'FEFO',
  },
  location: { active: true },
  localDate: '2026-03-01',
  now: TIMES.recordedAt,
  actor: 'user-17',
  generatedLotCode: 'G-4F9C2A',
};
/** Every detail another than it was, so that the event tells of each. */
const everythingElse = {
  name: 'Basmati rice',
  description: '',
  category: null,
  attributes: {},
  aliases: [],
  barcodes: ['4006381333931', '4006381333948'],
  suppliers: [{ supplier: 'ACME', supplierSku: null, leadTimeDays: null }],
  tracking: 'none',
  qcRequired: false,
  allocationPolicy: 'FIFO',
  units: [{ unit: 'sack', numerator: 25, denominator: 1 }],
  countVarianceLimit: null,
} as const;
const register: ItemCommand = {
  type: 'RegisterItem',
  data: { sku, unit: 'kg', decimals: 3, ...everything, reorderThreshold: '12.5' },
};
const change: ItemCommand = {
  type: 'UpdateItem',
  data: {
    sku,
    ...everythingElse,
    thresholds: [{ location: code, reorderThreshold: '4', safetyStock: '1.5', maximum: '80' }],
  },
};

const receive: StockCommand = {
  type: 'ReceiveStock',
  data: {
    sku,
    location: code,
    quantity: '25.5',
    lotCode: 'L-2026/03',
    expiresOn: '2027-02-28',
    unitCost: { amount: '1.1250', currency: 'EUR' },
    purpose: 'PURCHASE',
    reference: 'PO-1007',
  },
};
const at = { sku, location: code };
const moved = { ...at, lotCode: 'L-2026/03' };
const limited: StockFacts = { ...facts, item: { ...facts.item!, countVarianceLimit: 500 } };
const other = { lotCode: 'L-2026/04', expiresOn: '2027-06-30' };
const id = (kind: DocumentKind, ordinal: number): string => documentId(kind, sku, code, ordinal);
/** Ends with a reversal of its own first receipt. */
const stockStory: readonly (readonly [command: StockCommand, facts: StockFacts])[] = [
  [receive, facts],
  [
    {
      type: 'IssueStock',
      data: { ...moved, quantity: '3.25', purpose: 'SALE', reference: 'SO-77' },
    },
    facts,
  ],
  [
    {
      type: 'AdjustStock',
      data: { ...moved, quantity: '-0.125', purpose: 'DAMAGE', reference: 'COUNT-3' },
    },
    facts,
  ],
  [
    { type: 'ReceiveStock', data: { ...at, ...other, quantity: '2', unit: 'sack' } },
    {
      ...facts,
      item: { ...facts.item!, units: [{ unit: 'sack', numerator: 5, denominator: 1 }] },
    },
  ],
  [{ type: 'ReturnStock', data: { ...moved, quantity: '1', reference: 'SO-77' } }, facts],
  [{ type: 'HoldStock', data: { ...moved, quantity: '0.5' } }, facts],
  [{ type: 'LiftHold', data: { ...moved, quantity: '0.5' } }, facts],
  [
    {
      type: 'ReserveStock',
      data: {
        ...at,
        quantity: '24',
        batchId: 'BATCH-002',
        reference: 'SO-78',
        expiresAt: '2026-03-02T00:00:00.000Z',
      },
    },
    facts,
  ],
  [
    {
      type: 'ExtendReservation',
      data: { ...at, reservationId: id('reservation', 1), expiresAt: '2026-03-03T00:00:00.000Z' },
    },
    facts,
  ],
  [
    {
      type: 'ReleaseReservation',
      data: { ...at, reservationId: id('reservation', 1), quantity: '1' },
    },
    facts,
  ],
  [
    {
      type: 'ApplyLotStatus',
      data: { ...moved, qcStatus: 'REJECTED', expiresOn: '2027-02-28', lotRevision: 3 },
    },
    facts,
  ],
  [
    { type: 'ExpireReservations', data: at },
    { ...facts, now: '2026-03-03T00:00:00.000Z' },
  ],
  [
    {
      type: 'DispatchTransfer',
      data: { ...at, to: 'SOUTH', lotCode: 'L-2026/04', quantity: '3', reference: 'TR-9' },
    },
    { ...facts, destination: { active: true } },
  ],
  [
    {
      type: 'ReceiveTransfer',
      data: { ...at, transferId: id('transfer', 1), quantity: '1', missing: '0.5' },
    },
    facts,
  ],
  [{ type: 'CancelTransfer', data: { ...at, transferId: id('transfer', 1) } }, facts],
  [
    {
      type: 'AcceptArrival',
      data: {
        ...at,
        transferId: documentId('transfer', sku, 'SOUTH', 4),
        from: 'SOUTH',
        lotCode: 'L-2026/05',
        quantity: 1_500,
        unit: 'kg',
        decimals: 3,
        receivedAt: '2026-02-01T00:00:00.000Z',
        expiresOn: null,
        qcStatus: 'APPROVED',
        lotRevision: 2,
      },
    },
    facts,
  ],
  [
    {
      type: 'CountStock',
      data: { ...at, lotCode: 'L-2026/05', counted: '1', revision: 16, kind: 'STOCKTAKE' },
    },
    { ...limited, book: 1_500 },
  ],
  [
    {
      type: 'CountStock',
      data: { ...at, lotCode: 'L-2026/05', counted: '0.25', revision: 16, blind: true },
    },
    { ...limited, book: 1_500 },
  ],
  [{ type: 'DecideCount', data: { ...at, countId: id('count', 2), approve: false } }, limited],
  [
    {
      type: 'ReverseMovement',
      data: { ...at, movementId: '0b0c8f3e-6f53-4d3c-9f1e-0a4d6c1f2b7a', error: 'incorrect_data' },
    },
    {
      ...facts,
      movement: {
        type: 'StockAdjusted.v2',
        data: {
          ...moved,
          unit: 'kg',
          decimals: 3,
          reference: null,
          quantity: -125,
          entered: null,
          purpose: 'DAMAGE',
          fromHold: 0,
        },
      },
    },
  ],
];
const named = { sku, lotCode: 'L-2026/03' };
const noteAt = (location: string, said: object = {}): LotCommand => ({
  type: 'NoteLotAt',
  data: {
    ...named,
    location,
    receivedAs: { qcStatus: 'QUARANTINE', expiresOn: '2027-02-28' },
    supplierLot: 'ACME 2026/117',
    manufacturedOn: '2026-02-11',
    parentLots: ['PADDY-7.P%2F31'],
    ...said,
  },
});
const decideLot = (status: QcStatus): LotCommand => ({
  type: 'DecideLot',
  data: { ...named, status, inspector: 'inspector-3' },
});

const samples = (): Sample[] => [
  ...story(item, `item-default.${sku}`, [
    [register, known],
    [change, known],
    [{ type: 'DeactivateItem', data: { sku } }, known],
    [{ type: 'ReactivateItem', data: { sku } }, known],
  ]),
  ...story(location, `location-default.${code}`, [
    [
      {
        type: 'RegisterLocation',
        data: { code, name: 'Shop', kind: 'STORE', timeZone: 'Asia/Tokyo' },
      },
      { parent: null },
    ],
    [
      {
        type: 'UpdateLocation',
        data: {
          code,
          name: 'Depot',
          kind: 'WAREHOUSE',
          parent: 'EUROPE',
          timeZone: 'Europe/Berlin',
        },
      },
      { parent: { exists: true, ancestors: ['WORLD'] } },
    ],
    [{ type: 'DeactivateLocation', data: { code } }, { parent: null }],
    [{ type: 'ReactivateLocation', data: { code } }, { parent: null }],
  ]),
  ...story(period, 'period-default', [
    [{ type: 'ClosePeriod', data: { through: '2026-02-28' } }, { today: '2026-03-01' }],
    [{ type: 'ReopenPeriod', data: { from: '2026-02-01' } }, { today: '2026-03-01' }],
  ]),
  ...story(stock, `stock-default.${sku}@${code}`, stockStory),
  ...story(lot, `lot-default.${sku}.L-2026%2F03`, [
    [noteAt(code), null],
    [noteAt('SOUTH'), null],
    [decideLot('APPROVED'), null],
    [noteAt('EAST', { demandsQc: true }), null],
    [noteAt('EAST', { parentLots: ['PADDY-7.P%2F32'] }), null],
    [decideLot('REJECTED'), null],
    [decideLot('QUARANTINE'), null],
    [decideLot('RECALLED'), null],
    [{ type: 'CorrectLotExpiry', data: { ...named, expiresOn: '2027-01-31' } }, null],
  ]),
];

/** Writes what is missing, never what is there; answers the types it wrote. */
export async function writeGoldens(folder = GOLDEN_FOLDER): Promise<string[]> {
  const there = new Set(await readdir(folder));
  const heads = new Map<string, number>();
  const written: string[] = [];
  for (const sample of samples()) {
    for (const { type, data } of sample.events) {
      const revision = (heads.get(sample.stream) ?? -1) + 1;
      heads.set(sample.stream, revision);
      if (there.has(`${type}.json`)) continue;
      there.add(`${type}.json`);
      const golden = {
        id: uuidV5(NAMESPACE, type),
        stream: sample.stream,
        revision,
        position: String(1_000 + 100 * there.size),
        type,
        data,
        metadata: metadataOf(sample),
      };
      const text = `${JSON.stringify(golden, null, 2)}\n`;
      await writeFile(join(folder, `${type}.json`), text, { flag: 'wx' });
      written.push(type);
    }
  }
  return written;
}

const NAMESPACE = '6f1c2b0e-6d3a-4c58-9c7e-2b1d0a9f8e7c';

function metadataOf({ command, facts: decidedUpon }: Sample): EventMetadata {
  return {
    commandId: uuidV5(NAMESPACE, command.type),
    commandHash: sha256(JSON.stringify(command)),
    correlationId: 'order-1007',
    causationId: 'message-31',
    tenant: 'default',
    actor: 'user-17',
    reason: 'as counted',
    ...TIMES,
    schema: 1,
    source: { id: 'import-9b1c', sequence: 42 },
    followers: 1,
    command,
    facts: decidedUpon,
  };
}

export interface Golden {
  readonly file: string;
  readonly raw: RawEvent;
}

export async function readGoldens(folder = GOLDEN_FOLDER): Promise<Golden[]> {
  const files = (await readdir(folder)).sort();
  return Promise.all(
    files.map(async (file) => {
      const raw = JSON.parse(await readFile(join(folder, file), 'utf8')) as RawEvent & {
        position: string;
      };
      return { file, raw: { ...raw, position: BigInt(raw.position) } };
    }),
  );
}

/** What keeps this version from reading everything that was ever written; empty when nothing does. */
export function problemsOfGoldens(goldens: readonly Golden[]): string[] {
  const problems: string[] = [];
  const told = new Set(goldens.map(({ raw }) => raw.type));
  for (const { category, events, upcasts } of Object.values(streams)) {
    for (const type of [...Object.keys(events), ...Object.keys(upcasts)])
      if (!told.has(type)) problems.push(`${category}: ${type} has no golden file; npm run golden`);
  }
  for (const { file, raw } of goldens) {
    if (file !== `${raw.type}.json`) problems.push(`${file} holds a ${raw.type}`);
    try {
      decode(raw);
    } catch (error) {
      problems.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return problems;
}

export const decodeGoldens = (goldens: readonly Golden[]): InventoryEvent[] =>
  goldens.map(({ raw }) => decode(raw));
