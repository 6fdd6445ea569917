import { documentId } from '../../libs/domain';
import { Api } from '../support/http';

const SKUS = ['FUZZ-1', 'FUZZ-2', 'FUZZ-LOTS', 'FUZZ-KG', '$@-/.% ü螺丝?#', 'FUZZ-OLD'] as const;
const SENT = SKUS.slice(0, 5);

/** What there is before the first request, so that some of them find something to do. */
export const world = {
  skus: SKUS,
  /** Those that are made below, and the next ones. */
  transfers: SENT.flatMap((sku) => [1, 2].map((nth) => documentId('transfer', sku, 'MAIN', nth))),
  locations: ['MAIN', 'SHOP', '$ettings/@home', 'CLOSED'],
  lots: ['L-1', 'L-2', '$$lot@1.%/'],
} as const;

export async function createWorld(url: string): Promise<void> {
  const api = new Api(url);
  const details: Readonly<Record<string, object>> = {
    'FUZZ-LOTS': { tracking: 'lot' },
    'FUZZ-KG': { unit: 'kg', decimals: 3, allocationPolicy: 'FEFO' },
  };
  for (const sku of world.skus) {
    await accepted(api, 'items', { sku, name: sku, reorderThreshold: 5, ...details[sku] });
  }
  for (const code of world.locations.slice(1)) await accepted(api, 'locations', { code });
  for (const location of world.locations.slice(0, 3)) {
    for (const sku of world.skus.slice(0, 5)) {
      for (const lotCode of world.lots) {
        await accepted(api, 'inventory/receive', { sku, location, lotCode, quantity: 1_000 });
      }
    }
  }
  for (const sku of SENT) {
    await accepted(api, 'inventory/transfer', { sku, to: 'SHOP', quantity: 90 });
  }
  await accepted(api, 'items/FUZZ-OLD/deactivate', {});
  await accepted(api, 'locations/CLOSED/deactivate', {});
}

async function accepted(api: Api, path: string, body: object): Promise<void> {
  const answer = await api.post(`/api/v1/${path}`, body, { 'x-correlation-id': 'fuzz-world' });
  if (answer.status > 201) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
}
