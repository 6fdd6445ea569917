import type { Command } from 'commander';
import { commandGroup, listCommand, showList, type ListOptions } from './client-command';

interface RestatementOptions extends ListOptions {
  readonly sku?: string;
  readonly through?: string;
  readonly location?: string;
}

interface FilterOptions extends ListOptions {
  readonly sku?: string;
  readonly category?: string;
  readonly location?: string;
}

export function reportCommand(): Command {
  return commandGroup('report', 'reports over the whole stock', [
    report('inventory', 'every item with its stock', [
      'sku',
      'name',
      'location',
      'onHand',
      'reserved',
      'available',
      'received',
      'issued',
      'adjusted',
      'unit',
    ]),
    report('low-stock', 'active items at or below their reorder threshold', [
      'sku',
      'name',
      'location',
      'threshold',
      'onHand',
      'available',
      'shortBy',
      'unit',
    ]),
    restatements(),
  ]);
}

const report = (name: string, description: string, columns: readonly string[]): Command =>
  listCommand(name, description)
    .option('--sku <sku>', 'of this item')
    .option('--category <category>', 'of items of this category')
    .option('--location <code>', 'at this location')
    .action(async ({ sku, category, location, ...options }: FilterOptions) => {
      await showList(`/api/v1/reports/${name}`, { sku, category, location }, columns, options);
    });

const restatements = (): Command =>
  listCommand('restatements', 'movements of closed days that came after the closing')
    .option('--through <date>', 'of this day of UTC or earlier')
    .option('--sku <sku>', 'of this item')
    .option('--location <code>', 'at this location')
    .action(async ({ through, sku, location, ...options }: RestatementOptions) => {
      await showList(
        '/api/v1/reports/restatements',
        { through, sku, location },
        [
          'effectiveAt',
          'recordedAt',
          'cause',
          'closedThrough',
          'closedAt',
          'type',
          'sku',
          'location',
          'lotCode',
          'quantity',
          'unit',
          'reason',
          'actor',
        ],
        options,
      );
    });
