/** Reads what `strace -f -y` has written. */
interface Call {
  readonly name: string;
  readonly args: string;
  /** Lines at which it began and had returned. */
  readonly begun: number;
  readonly ended: number;
  readonly ok: boolean;
}

const LINE = /^(\d+) +(\w+)\((.*)$/s;
const RESUMED = /^(\d+) +<\.\.\. (\w+) resumed>(.*)$/s;
const UNFINISHED = '<unfinished ...>';
const SUCCEEDED = /\) += \d+[^)]*$/;

export function callsIn(trace: string): Call[] {
  const calls: Call[] = [];
  const open = new Map<string, { readonly args: string; readonly begun: number }>();
  trace.split('\n').forEach((line, at) => {
    const [, thread = '', name = '', args = ''] = LINE.exec(line) ?? [];
    if (name !== '' && args.endsWith(UNFINISHED))
      return void open.set(`${thread} ${name}`, { args, begun: at });
    if (name !== '') {
      return void calls.push({ name, args, begun: at, ended: at, ok: SUCCEEDED.test(args) });
    }
    const [, resumed = '', resumedName = '', rest = ''] = RESUMED.exec(line) ?? [];
    const begun = open.get(`${resumed} ${resumedName}`);
    if (!begun) return;
    const whole = begun.args + rest;
    calls.push({
      name: resumedName,
      args: whole,
      begun: begun.begun,
      ended: at,
      ok: SUCCEEDED.test(rest),
    });
  });
  return calls;
}

const WRITES: readonly string[] = ['pwrite64', 'pwritev', 'write', 'writev', 'sendmsg', 'sendto'];
const SYNCS: readonly string[] = ['fdatasync', 'fsync', 'msync'];
const isOfFile = ({ args }: Call): boolean => /^\d+<[^>]*events\.mdb>/.test(args);
const isOfSocket = ({ args }: Call): boolean => /^\d+<(?:socket|TCP)/.test(args);
/** The two first pages of the file name the newest state; they are written to a descriptor that syncs by itself. */
const isCommit = ({ name, args }: Call): boolean =>
  name === 'pwrite64' && /, (?:40|4136)\) += 128$/.test(args);

/** Those of the names that are answered before the page that holds them, and the commit of it, are on disk. */
export function answersBeforeSync(trace: string, names: readonly string[]): string[] {
  const calls = callsIn(trace);
  const file = calls.filter(isOfFile);
  const pages = file.filter((call) => WRITES.includes(call.name) && !isCommit(call));
  const syncs = file.filter((call) => SYNCS.includes(call.name) && call.ok);
  const commits = file.filter((call) => isCommit(call) && call.ok);
  const answers = calls.filter((call) => WRITES.includes(call.name) && isOfSocket(call));
  const writesThatSync = new Set(
    calls.flatMap(({ name, args }) =>
      name === 'openat' && args.includes('events.mdb"') && args.includes('DSYNC')
        ? [/= (\d+)/.exec(args)?.[1]]
        : [],
    ),
  );
  return names.filter((name) => {
    const page = pages.find(({ args }) => args.includes(name));
    const sync = page && syncs.find(({ begun }) => begun > page.ended);
    const commit = sync && commits.find(({ begun }) => begun > sync.ended);
    const descriptor = commit && /^\d+/.exec(commit.args)?.[0];
    const answer = answers.find(({ args }) => args.includes(name));
    const isInOrder =
      answer && commit && writesThatSync.has(descriptor) && answer.begun > commit.ended;
    return !isInOrder;
  });
}
