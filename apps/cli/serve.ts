import { Command } from 'commander';

export function serveCommand(): Command {
  return new Command('serve').description('start every part of Lotstream on this machine');
}
