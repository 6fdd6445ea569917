import type { Command } from 'commander';
import {
  commandGroup,
  listCommand,
  showList,
  write,
  writeCommand,
  type ListOptions,
  type WriteOptions,
} from './client-command';

const PERIODS = '/api/v1/periods';
const COLUMNS = ['recordedAt', 'type', 'closedThrough', 'wasClosedThrough', 'reason', 'actor'];

/** Through which day the books are closed. */
export function periodCommand(): Command {
  return commandGroup('period', 'accounting periods', [
    listCommand('list', 'list closings and reopenings, the newest first').action(
      (options: ListOptions) => showList(PERIODS, {}, COLUMNS, options),
    ),
    writeCommand(
      'close',
      'close the books through a day; earlier movements are refused from then on',
    )
      .requiredOption('--through <date>', 'the last closed day, by UTC, such as 2026-02-28')
      .action(({ through, ...options }: WriteOptions & { through: string }) =>
        write('POST', `${PERIODS}/close`, { through }, options),
      ),
    writeCommand('reopen', 'reopen the books from a day on; give a reason')
      .requiredOption('--from <date>', 'the first day that is open again, by UTC')
      .action(({ from, ...options }: WriteOptions & { from: string }) =>
        write('POST', `${PERIODS}/reopen`, { from }, options),
      ),
  ]);
}
