import { isUtf8 } from 'node:buffer';
import { ProblemError } from './errors';

export const BODY_LIMIT_BYTES = 64 * 1024;
/** Our deepest body is a list of objects; what is deeper is not meant for us. */
export const MAX_DEPTH = 6;

const POLLUTING_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
/** A NUL or half a character can be stored by no database and shown by no screen. */
// eslint-disable-next-line no-control-regex
const UNSTORABLE = /[\u0000\p{Surrogate}]/u;

/** The body as a value that is safe to look into; undefined for an empty one. */
export function parseBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw malformed('the body is not UTF-8 text; send it in UTF-8');
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw malformed(
      `the body is not JSON, send it as RFC 8259 has it: ${(error as Error).message}`,
    );
  }
  // In valid UTF-8 and valid JSON only an escape can stand for what nothing could keep.
  const fields = inspect(value, 0, '', text.includes('\\u'));
  if (occurrences(text, ':') !== fields && namesIn(text) !== fields) refuseRepeatedField(text);
  return value;
}

/** How many fields the value has, at all depths. */
function inspect(value: unknown, depth: number, path: string, escapes: boolean): number {
  if (typeof value === 'string') {
    if (escapes) checkText(value, path);
    return 0;
  }
  if (typeof value !== 'object' || value === null) return 0;
  if (depth >= MAX_DEPTH)
    throw malformed(`the body is nested too deep; send at most ${MAX_DEPTH} levels`);
  let fields = 0;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      fields += inspect(value[index], depth + 1, `${path}[${index}]`, escapes);
    }
    return fields;
  }
  for (const name in value) {
    if (POLLUTING_KEYS.has(name))
      throw malformed(`a field must not be named ${name}; send it without`);
    if (escapes) checkText(name, path);
    const field = (value as Readonly<Record<string, unknown>>)[name];
    fields += 1 + inspect(field, depth + 1, path === '' ? name : `${path}.${name}`, escapes);
  }
  return fields;
}

function occurrences(text: string, character: string): number {
  let count = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) count += 1;
  return count;
}

/** How many texts of valid JSON are names of fields. */
function namesIn(text: string): number {
  let names = 0;
  for (let open = text.indexOf('"'); open >= 0;) {
    let close = text.indexOf('"', open + 1);
    while (isEscaped(text, close)) close = text.indexOf('"', close + 1);
    let next = close + 1;
    while (text.charCodeAt(next) <= SPACE) next += 1;
    if (text.charCodeAt(next) === COLON) names += 1;
    open = text.indexOf('"', next);
  }
  return names;
}

const SPACE = 0x20;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

function isEscaped(text: string, quote: number): boolean {
  let first = quote;
  while (text.charCodeAt(first - 1) === BACKSLASH) first -= 1;
  return (quote - first) % 2 === 1;
}

/**
 * JSON.parse keeps the last of two fields of one name, other readers on the way the first: what is decided may not be what
 * was checked. There are more names than fields, so one is found.
 */
function refuseRepeatedField(text: string): void {
  const open: Set<string>[] = [];
  for (const [token, name] of text.matchAll(
    /[{}]|("[^"\\]*(?:\\.[^"\\]*)*")(?=\s*:)|"[^"\\]*(?:\\.[^"\\]*)*"/g,
  )) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (name !== undefined) {
      const field = JSON.parse(name) as string;
      const seen = open.at(-1);
      if (seen?.has(field))
        throw malformed(`the field ${field} is there twice; send each field once`);
      seen?.add(field);
    }
  }
}

const malformed = (detail: string): ProblemError => new ProblemError('MALFORMED_JSON', detail);

/** Throws for text that nothing behind us could keep. */
export function checkText(text: string, field: string): void {
  if (!UNSTORABLE.test(text)) return;
  const message = 'must not contain NUL or half a surrogate pair';
  throw new ProblemError('VALIDATION_FAILED', `${field || 'the body'} ${message}`, [
    { field, message },
  ]);
}
