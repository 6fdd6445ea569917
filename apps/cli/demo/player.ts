import { isDeepStrictEqual } from 'node:util';
import { FailedError } from '../errors';
import type { Answer, HttpClient } from '../http-client';
import { answerLines, jsonText, type Paint, requestLines, WIDTH } from './show';
import { type Chapter, says, type Step } from './step';

const WAIT_MS = 20_000;

/** Tells a story to an api and shows what is said; rejects at the first answer that is not as it was told. */
export async function play(
  story: readonly Chapter[],
  client: Pick<HttpClient, 'request'>,
  print: (line: string) => void,
  paint: Paint,
): Promise<void> {
  const answers = new Map<string, Answer>();
  let position: string | undefined;
  let number = 0;
  for (const { title, steps } of story) {
    print('');
    print(paint('bold', title));
    for (const step of steps) {
      const { method, headers, body } = step;
      const path = method === 'GET' ? seenFrom(position, step.path) : step.path;
      print('');
      print(`${String((number += 1)).padStart(2)}. ${step.tell}`);
      for (const line of requestLines(step, path, paint)) print(line);
      const answer = await client.request(method, path, body, headers);
      const key = headers?.['Idempotency-Key'] ?? '';
      const wrong = problemWith(step, answer, answers.get(key));
      if (wrong) throw new FailedError(failureText(number, step, answer, wrong));
      for (const line of answerLines(step, answer, paint)) print(line);
      answers.set(key, answer);
      if (typeof answer.body.position === 'string') position = answer.body.position;
    }
  }
  print('');
  print(`${number} requests, each answered as told.`);
}

/** A report that has seen everything that was told so far. */
function seenFrom(position: string | undefined, path: string): string {
  if (position === undefined) return path;
  return `${path}${path.includes('?') ? '&' : '?'}after=${position}&wait=${WAIT_MS}`;
}

function problemWith(
  { status, replayed = false, answer: expected }: Step,
  answer: Answer,
  before: Answer | undefined,
): string | undefined {
  if (answer.status !== status) return `the status is not ${status}`;
  if (answer.replayed !== replayed) {
    return replayed ? 'it is not marked as replayed' : 'it is marked as replayed';
  }
  if (!says(answer.body, expected)) return 'it does not say what it should';
  if (replayed && !isDeepStrictEqual(answer.body, before?.body)) return 'it differs from the first';
  return undefined;
}

const failureText = (number: number, step: Step, { status, body }: Answer, wrong: string): string =>
  [
    `step ${number} of the story ended otherwise: ${wrong}`,
    `${step.method} ${step.path}`,
    `expected: ${step.status}`,
    jsonText(withoutSymbols(step.answer), WIDTH),
    `answered: ${status}`,
    jsonText(body, WIDTH),
  ].join('\n');

const withoutSymbols = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, entry: unknown) =>
      typeof entry === 'symbol' ? '(anything)' : entry,
    ),
  );
