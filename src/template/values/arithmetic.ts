/** The operators `+ - * / // % **`, `~` apart, with Python's meaning for numbers, texts and lists. */
import { fail } from '../failure.ts';
import { tick } from '../limits.ts';
import { MAX_TEXT_SIZE } from '../runtime.ts';
import { typeName } from './kinds.ts';
import { asNumeric, isFloat, isInt, type Numeric, numberOf, toFloat, toInt } from './numbers.ts';
import { PyObject } from './object.ts';
import { formatPercent } from './percent-format.ts';
import { checkItemCount, lengthOf } from './sequence.ts';
import { Tuple, tupleOf } from './tuple.ts';
import { requireDefined, Undefined } from './undefined.ts';

export type Operator = '+' | '-' | '*' | '/' | '//' | '%' | '**';

/** Largest int that `**` and `*` may make, in bits. */
const MAX_INT_BITS = 65_536;

/**
 * Applies an operator.
 *
 * @throws TEMPLATE_ERROR when Python has no such operation for the two types, or it divides by zero
 */
export function calculate(operator: Operator, a: unknown, b: unknown): unknown {
  if (a instanceof Undefined || b instanceof Undefined)
    return calculate(operator, requireDefined(a), requireDefined(b));
  if (operator === '+') {
    if (typeof a === 'string' && typeof b === 'string') return joinText(a, b);
    if (Array.isArray(a) && Array.isArray(b) && a instanceof Tuple === b instanceof Tuple) {
      checkItemCount(a.length + b.length, 'a list');
      tick(a.length + b.length);
      return a instanceof Tuple ? tupleOf([...a, ...b]) : [...a, ...b];
    }
  }
  if (operator === '%' && typeof a === 'string') return formatPercent(a, b);
  if (a instanceof PyObject || b instanceof PyObject) {
    const result = operateObjects(operator, a, b);
    if (result !== undefined) return result;
  }
  const left = asNumeric(a);
  const right = asNumeric(b);
  if (left !== undefined && right !== undefined) return calculateNumbers(operator, left, right);
  if (operator === '*') {
    if (isRepeatable(a) && right !== undefined && !isFloat(right)) return repeat(a, numberOf(right));
    if (isRepeatable(b) && left !== undefined && !isFloat(left)) return repeat(b, numberOf(left));
  }
  const hint =
    operator === '+' && (typeof a === 'string' || typeof b === 'string')
      ? "join texts with '~', or make both numbers with '| int'"
      : undefined;
  fail(`Cannot apply '${operator}' to ${typeName(a)} and ${typeName(b)}`, hint);
}

function operateObjects(operator: Operator, a: unknown, b: unknown): unknown {
  if (a instanceof PyObject) return a.operate(operator, b);
  return operator === '*' && b instanceof PyObject ? b.operate(operator, a) : undefined;
}

/** `-value`; True counts as 1. */
export function negate(value: unknown): unknown {
  const numeric = asNumeric(requireDefined(value));
  if (numeric === undefined) fail(`Cannot apply '-' to ${typeName(value)}`);
  if (isFloat(numeric)) return toFloat(-numberOf(numeric));
  return typeof numeric === 'bigint' ? toInt(-numeric) : 0 - numberOf(numeric);
}

/** Two texts in one, within the limit on sizes. */
export function joinText(a: string, b: string): string {
  if (a.length + b.length > MAX_TEXT_SIZE) fail(`Expected a text of at most ${MAX_TEXT_SIZE} characters`);
  tick((a.length + b.length) >> 6);
  return a + b;
}

function calculateNumbers(operator: Operator, a: Numeric, b: Numeric): unknown {
  if (isInt(a) && isInt(b)) {
    if (operator === '/') return trueDivide(numberOf(a), numberOf(b));
    if (operator === '**') return intPower(a, b);
    return calculateInts(operator, a, b);
  }
  return toFloat(calculateFloats(operator, numberOf(a), numberOf(b)));
}

function trueDivide(a: number, b: number): unknown {
  if (b === 0) fail('Cannot divide by zero');
  return toFloat(a / b);
}

function calculateInts(operator: '+' | '-' | '*' | '//' | '%', a: number | bigint, b: number | bigint): unknown {
  if ((operator === '//' || operator === '%') && Number(b) === 0) fail('Cannot divide by zero');
  if (typeof a === 'number' && typeof b === 'number') {
    const quick = quickInts(operator, a, b);
    if (Number.isSafeInteger(quick)) return quick;
  }
  const left = BigInt(a);
  const right = BigInt(b);
  switch (operator) {
    case '+':
      return toInt(left + right);
    case '-':
      return toInt(left - right);
    case '*':
      if (bits(left) + bits(right) > MAX_INT_BITS) fail(`Expected an int of at most ${MAX_INT_BITS} bits`);
      return toInt(left * right);
    case '//':
      return toInt((left - floorRemainder(left, right)) / right);
    case '%':
      return toInt(floorRemainder(left, right));
  }
}

// `0 +` turns -0, which Python's ints do not have, into 0.
function quickInts(operator: '+' | '-' | '*' | '//' | '%', a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return 0 + a * b;
    case '//':
      return 0 + (a - floorModulo(a, b)) / b;
    case '%':
      return 0 + floorModulo(a, b);
  }
}

function calculateFloats(operator: Operator, a: number, b: number): number {
  if ((operator === '/' || operator === '//' || operator === '%') && b === 0) fail('Cannot divide by zero');
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '//':
      return floorDivide(a, b);
    case '%':
      return floorModulo(a, b);
    case '**':
      return floatPower(a, b);
  }
}

// The remainder has the sign of the divisor, as in Python.
function floorModulo(a: number, b: number): number {
  const remainder = a % b;
  if (remainder === 0) return b < 0 ? -0 : 0;
  return remainder < 0 !== b < 0 ? remainder + b : remainder;
}

// By way of the remainder, as Python does, so that 1.0 // 0.1 is 9.0.
function floorDivide(a: number, b: number): number {
  const quotient = (a - floorModulo(a, b)) / b;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

function floorRemainder(a: bigint, b: bigint): bigint {
  const remainder = a % b;
  return remainder !== 0n && remainder < 0n !== b < 0n ? remainder + b : remainder;
}

function intPower(base: number | bigint, exponent: number | bigint): unknown {
  if (exponent < 0) return toFloat(floatPower(Number(base), Number(exponent)));
  if (bits(BigInt(base)) * Number(exponent) > MAX_INT_BITS) fail(`Expected an int of at most ${MAX_INT_BITS} bits`);
  return toInt(BigInt(base) ** BigInt(exponent));
}

function floatPower(base: number, exponent: number): number {
  if (base === 0 && exponent < 0) fail('Cannot raise 0 to a negative power');
  if (base < 0 && !Number.isInteger(exponent)) fail('Cannot raise a negative number to a power that is not whole');
  const power = base ** exponent;
  if (!Number.isFinite(power) && Number.isFinite(base) && Number.isFinite(exponent)) fail('The power is too large');
  return power;
}

function bits(value: bigint): number {
  if (value >= -1n && value <= 1n) return 0;
  return value.toString(16).length * 4;
}

function isRepeatable(value: unknown): value is string | unknown[] {
  return typeof value === 'string' || Array.isArray(value);
}

function repeat(value: string | unknown[], times: number): unknown {
  const count = Math.max(0, times);
  if (typeof value === 'string') {
    if (value.length * count > MAX_TEXT_SIZE) fail(`Expected a text of at most ${MAX_TEXT_SIZE} characters`);
    tick((value.length * count) >> 6);
    return value.repeat(count);
  }
  checkItemCount(lengthOf(value) * count, 'a repeated list');
  tick(lengthOf(value) * count);
  const items = Array.from({ length: count }, () => [...value]).flat();
  return value instanceof Tuple ? tupleOf(items) : items;
}
