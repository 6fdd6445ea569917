import { type ArgumentMetadata, Injectable, type PipeTransform, type Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { type ValidationError, validateSync } from 'class-validator';
import { type FieldProblem, ProblemError } from './errors';
import { type FieldRule, fieldRules } from './fields';

const RULES = {
  forbidUnknownValues: true,
  validationError: { target: false, value: false },
} as const;

/** The value as an instance of its class, normalised in form; throws VALIDATION_FAILED naming every bad field. */
export function validated<T extends object>(type: Type<T>, value: unknown): T {
  if (value !== undefined && !isObject(value)) {
    throw new ProblemError('VALIDATION_FAILED', 'the body must be a JSON object');
  }
  const body = value ?? {};
  return acceptedAtOnce(type, body) ?? acceptedRenamed(type, body);
}

function acceptedRenamed<T extends object>(type: Type<T>, value: object): T {
  const body = renamed(type, value);
  return (body === value ? undefined : acceptedAtOnce(type, body)) ?? judged(type, body);
}

/** Under our own names what came under others; a field that came under both stays, and is refused. */
function renamed(type: Type<object>, value: object): object {
  const names = Object.keys(value);
  const ours = new Map<string, string>();
  for (const [name, { alias }] of rulesOf(type)) {
    if (alias !== undefined && names.includes(alias) && !names.includes(name))
      ours.set(alias, name);
  }
  if (ours.size === 0) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, given]) => [ours.get(name) ?? name, given]),
  );
}

const rulesByType = new Map<Type<object>, ReadonlyMap<string, FieldRule>>();

function rulesOf(type: Type<object>): ReadonlyMap<string, FieldRule> {
  let rules = rulesByType.get(type);
  if (!rules) rulesByType.set(type, (rules = fieldRules(type.prototype as object)));
  return rules;
}

/** Nearly every body is right: each value is looked at once. Undefined for what is not plainly right. */
export function acceptedAtOnce<T extends object>(type: Type<T>, value: object): T | undefined {
  const rules = rulesOf(type);
  const instance = new type();
  const fields = instance as Record<string, unknown>;
  const given = value as Readonly<Record<string, unknown>>;
  for (const name in given) {
    const rule = rules.get(name);
    if (!rule) return undefined;
    fields[name] = rule.normalised(given[name]);
  }
  for (const [name, { accepts }] of rules) if (!accepts(fields[name])) return undefined;
  return instance;
}

/** As `validated`, by the library, which also finds the words for what is wrong. */
export function judged<T extends object>(type: Type<T>, value: object): T {
  const unknown: FieldProblem[] = [];
  const instance = plainToInstance(type, knownFields(type, value, '', unknown));
  const errors = validateSync(instance, RULES).flatMap((error) => flatten(error, ''));
  const problems = [...unknown, ...errors];
  if (problems.length > 0) throw validationProblem(problems);
  return instance;
}

/**
 * The fields that the class has, and a problem for each other one. The library would let those pass that every object
 * inherits, such as toString, and takes a list for an object.
 */
function knownFields(
  type: Type<object>,
  value: object,
  path: string,
  unknown: FieldProblem[],
): Record<string, unknown> {
  const rules = rulesOf(type);
  const known: Record<string, unknown> = {};
  for (const [name, given] of Object.entries(value)) {
    const rule = rules.get(name);
    const field = path === '' ? name : `${path}.${name}`;
    if (!rule) unknown.push({ field, message: 'is not a field here' });
    else known[name] = rule.entries ? knownEntries(rule.entries(), given, field, unknown) : given;
  }
  return known;
}

function knownEntries(
  type: Type<object>,
  value: unknown,
  path: string,
  unknown: FieldProblem[],
): unknown {
  // The library would judge the fields of an object that stands where a list belongs.
  if (!Array.isArray(value)) return isObject(value) ? 'no list' : value;
  return value.map((entry: unknown, index) =>
    isObject(entry) ? knownFields(type, entry, `${path}[${index}]`, unknown) : null,
  );
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function validationProblem(errors: readonly FieldProblem[]): ProblemError {
  const detail = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
  return new ProblemError('VALIDATION_FAILED', detail, errors);
}

function flatten(error: ValidationError, parent: string): FieldProblem[] {
  const { property, constraints, children } = error;
  const name = /^\d+$/.test(property) ? `[${property}]` : parent === '' ? property : `.${property}`;
  const field = parent + name;
  // Of several things wrong with one field the first is enough.
  const message = Object.values(constraints ?? {}).at(-1);
  const own = message === undefined ? [] : [{ field, message }];
  return [...own, ...(children ?? []).flatMap((child) => flatten(child, field))];
}

@Injectable()
export class ValidationPipe implements PipeTransform {
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    const hasClass = metatype !== undefined && metatype !== Object && metatype !== String;
    if (type === 'custom' || !hasClass) return value;
    return validated(metatype as Type<object>, value);
  }
}
