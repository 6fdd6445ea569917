import { setFlagsFromString } from 'node:v8';
import { unknown } from '../calls/errors';

// V8 has an engine that never goes back in a text. A pattern comes from outside, and with the usual engine one such as
// (a+)+$ on an unlucky name would keep the node busy for years.
setFlagsFromString('--enable-experimental-regexp-engine');
const LINEAR = 'l';
const LONGEST = 1_000;

/**
 * A regular expression of a filter, matched in time that grows with the length of the text alone. Throws the error of the
 * call for one that makes no sense or cannot be matched like that.
 */
export function safePattern(source: string): RegExp {
  if (source.length > LONGEST) {
    throw unknown(`a filter has a regular expression of more than ${LONGEST} characters`);
  }
  try {
    return new RegExp(source, LINEAR);
  } catch {
    throw unknown(
      isPattern(source)
        ? 'a filter has a regular expression with a look-ahead, a look-behind, a back reference or a repeat of more than 15; this node takes none of these'
        : 'a filter has a regular expression that makes no sense',
    );
  }
}

function isPattern(source: string): boolean {
  try {
    return Boolean(new RegExp(source));
  } catch {
    return false;
  }
}
