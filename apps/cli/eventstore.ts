import { Command } from 'commander';

export function eventstoreCommand(): Command {
  return new Command('eventstore').description('run the embedded event node alone');
}
