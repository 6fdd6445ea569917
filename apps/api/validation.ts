import { type ArgumentMetadata, Injectable, type PipeTransform, type Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { type ValidationError, validateSync } from 'class-validator';
import { type FieldProblem, ProblemError } from './errors';
import { type FieldRule, fieldRules } from './fields';

const RULES = {
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: true,
  validationError: { target: false, value: false },
} as const;

/** The value as an instance of its class, normalised in form; throws VALIDATION_FAILED naming every bad field. */
export function validated<T extends object>(type: Type<T>, value: unknown): T {
  if (
    value !== undefined &&
    (typeof value !== 'object' || value === null || Array.isArray(value))
  ) {
    throw new ProblemError('VALIDATION_FAILED', 'the body must be a JSON object');
  }
  return acceptedAtOnce(type, value ?? {}) ?? judged(type, value ?? {});
}

const rulesByType = new Map<Type<object>, ReadonlyMap<string, FieldRule>>();

/** Nearly every body is right: each value is looked at once. Undefined for what is not plainly right. */
export function acceptedAtOnce<T extends object>(type: Type<T>, value: object): T | undefined {
  let rules = rulesByType.get(type);
  if (!rules) rulesByType.set(type, (rules = fieldRules(type.prototype as object)));
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
  const instance = plainToInstance(type, value);
  const errors = validateSync(instance, RULES);
  if (errors.length > 0) throw validationProblem(errors.flatMap((error) => flatten(error, '')));
  return instance;
}

export function validationProblem(errors: readonly FieldProblem[]): ProblemError {
  const detail = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
  return new ProblemError('VALIDATION_FAILED', detail, errors);
}

function flatten(error: ValidationError, parent: string): FieldProblem[] {
  const { property, constraints, children } = error;
  const name = /^\d+$/.test(property) ? `[${property}]` : parent === '' ? property : `.${property}`;
  const field = parent + name;
  // Of several things wrong with one field the first is enough; an unknown field has only the one.
  const [rule, message] = Object.entries(constraints ?? {}).at(-1) ?? [];
  const own =
    message === undefined
      ? []
      : [{ field, message: rule === 'whitelistValidation' ? 'is not a field here' : message }];
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
