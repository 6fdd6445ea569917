import { explain } from './problem';

const told = (output: string): { message: string; retry: boolean } => explain(output, '/d/cluster');

describe('explain', () => {
  it.each([
    'FATAL:  could not extend file "base/1/2691": No space left on device\nPANIC:  cannot abort',
    'FATAL:  could not extend file "base/1/2691": wrote only 4096 of 8192 bytes\nHINT:  Check free disk space.',
  ])('knows a full disk whatever fails first', (output) => {
    expect(told(output)).toMatchObject({ retry: false });
    expect(told(output).message).toMatch(/^the disk is full: .*free some space/);
  });

  it('tells how to leave a damaged cluster behind', () => {
    const { message, retry } = told(
      '2026-01-01 00:00:00 UTC [7] LOG:  invalid checkpoint record\n' +
        '2026-01-01 00:00:00 UTC [7] PANIC:  could not locate a valid checkpoint record at 0/19',
    );
    expect(message).toMatch(
      /damaged: could not locate a valid .*: mv \/d\/cluster \/d\/cluster.old$/,
    );
    expect(retry).toBe(false);
  });

  it('gives a taken port and unknown reasons another try', () => {
    const taken =
      'LOG:  could not bind IPv4 address "127.0.0.1": Address already in use\n' +
      'FATAL:  could not create any TCP/IP sockets';
    expect(told(taken).message).toContain('port taken');
    expect(told(taken).retry).toBe(true);
    expect(told('')).toMatchObject({
      message: 'PostgreSQL did not start: it said nothing',
      retry: true,
    });
  });
});
