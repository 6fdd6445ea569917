import { Option, type Command } from 'commander';
import {
  clientCommand,
  commandGroup,
  listCommand,
  showList,
  showOne,
  write,
  writeCommand,
  type ClientOptions,
  type ListOptions,
  type WriteOptions,
} from './client-command';

interface DetailOptions extends WriteOptions {
  readonly code: string;
  readonly name?: string;
  readonly kind?: string;
  readonly parent?: string;
  readonly timeZone?: string;
}

interface FilterOptions extends ListOptions {
  readonly query?: string;
  readonly kind?: string;
  readonly parent?: string;
}

const LOCATIONS = '/api/v1/locations';
const KINDS = ['WAREHOUSE', 'STORE', 'WORK_CENTER', 'OTHER'];
const locationPath = (code: string): string => `${LOCATIONS}/${encodeURIComponent(code)}`;
const withCode = (command: Command): Command =>
  command.requiredOption('--code <code>', 'the location');
const kindOption = (): Option => new Option('--kind <kind>', 'kind of place').choices(KINDS);

/** The places that hold stock. */
export function locationCommand(): Command {
  return commandGroup('location', 'the places that hold stock', [
    withDetails(withCode(writeCommand('add', 'register a location'))).action(
      ({ code, ...options }: DetailOptions) =>
        write('POST', LOCATIONS, { code, ...detailsOf(options) }, options),
    ),
    withDetails(withCode(writeCommand('update', 'change what is given, leave the rest'))).action(
      ({ code, ...options }: DetailOptions) =>
        write('PATCH', locationPath(code), detailsOf(options), options),
    ),
    listLocations(),
    withCode(clientCommand('show', 'show one location')).action(
      ({ code, ...options }: ClientOptions & { code: string }) =>
        showOne(locationPath(code), options),
    ),
    switchLocation('deactivate', 'no more receipts; what is there can still be issued and counted'),
    switchLocation('reactivate', 'take receipts again'),
  ]);
}

const withDetails = (command: Command): Command =>
  command
    .option('--name <name>', 'what people call it')
    .addOption(kindOption())
    .option('--parent <code>', 'the location it is part of; "" takes it away')
    .option('--time-zone <zone>', 'IANA name such as Europe/Vienna; expiry is judged by it');

function detailsOf({ name, kind, parent, timeZone }: Omit<DetailOptions, 'code'>): object {
  return { name, kind, parent: parent === '' ? null : parent, timeZone };
}

const listLocations = (): Command =>
  listCommand('list', 'list locations')
    .option('--query <text>', 'part of the code or of the name')
    .addOption(kindOption())
    .option('--parent <code>', 'part of this location')
    .action(async ({ query, kind, parent, ...options }: FilterOptions) => {
      const columns = ['code', 'name', 'kind', 'parent', 'timeZone', 'active'];
      await showList(LOCATIONS, { q: query, kind, parent }, columns, options);
    });

const switchLocation = (word: 'deactivate' | 'reactivate', description: string): Command =>
  withCode(writeCommand(word, description)).action(
    ({ code, ...options }: WriteOptions & { code: string }) =>
      write('POST', `${locationPath(code)}/${word}`, {}, options),
  );
