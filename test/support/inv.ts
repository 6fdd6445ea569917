import { runProgram } from '../../apps/cli/program';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The words of a line, as a shell takes them apart. */
export const wordsOf = (line: string): string[] =>
  (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ''));

/** Runs a command line of `inv` in this process and hears what it says. */
export async function inv(...words: string[]): Promise<Ran> {
  const said = { out: '', err: '' };
  const hear = (channel: 'out' | 'err') => (text: string | Uint8Array) => {
    said[channel] += String(text);
    return true;
  };
  const ears = [
    jest.spyOn(process.stdout, 'write').mockImplementation(hear('out')),
    jest.spyOn(process.stderr, 'write').mockImplementation(hear('err')),
  ];
  try {
    const code = await runProgram(['node', 'inv', ...words]);
    return { code: code ?? 0, ...said };
  } finally {
    for (const ear of ears) ear.mockRestore();
  }
}
