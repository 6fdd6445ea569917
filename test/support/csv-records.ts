/** Reads RFC 4180 to the letter: null for nothing, '' for a quoted nothing; throws at anything else. */
export function readRecords(text: string): (string | null)[][] {
  const records: (string | null)[][] = [];
  let record: (string | null)[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = /"((?:[^"]|"")*)"|([^",\r\n]*)/y;
    rest.lastIndex = at;
    const [whole, quoted, plain = ''] = rest.exec(text) as RegExpExecArray;
    record.push(quoted === undefined ? plain || null : quoted.replaceAll('""', '"'));
    at += whole.length;
    if (text[at] === ',') at += 1;
    else if (text.startsWith('\r\n', at)) {
      records.push(record);
      record = [];
      at += 2;
    } else
      throw new Error(`a record ends at ${at} with ${JSON.stringify(text.slice(at, at + 20))}`);
  }
  if (record.length > 0) throw new Error('the last record has no end');
  return records;
}
