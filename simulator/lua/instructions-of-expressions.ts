/**
 * How many instructions LuaJIT's compiler (`lj_parse.c`, LuaJIT 2.1) emits for an expression, as far as they are executed one by
 * one. Its rules in short: a name that is local is an operand as it stands, anything else is loaded first; numbers, strings
 * and `nil` are operands of their own where an instruction has room for them; a comparison and its jump are one; tables of
 * constants are copied whole.
 */
import type { Expression, TableConstructorExpression } from 'luaparse';
import { between, either, exactly, NONE, type Range, sum } from './instruction-range.ts';

type Call = Extract<Expression, { type: 'CallExpression' | 'StringCallExpression' | 'TableCallExpression' }>;

/** What the surroundings of an expression tell of it. */
export interface Surroundings {
  kindOf(name: string): 'local' | 'upvalue' | 'global';
  /** Told of each function that is made, whose body counts apart. */
  functionMade(node: Extract<Expression, { type: 'FunctionDeclaration' }>): void;
  /** Told of an operand that is not always evaluated, and counts apart. */
  sometimes(operand: Expression, cost: Range): void;
}

/** Where a value is wanted: in any register, or in the next free one, as arguments are. */
type Place = 'any' | 'next';

/** What it takes to go on where a condition is true, and where it is false; undefined is never. */
export interface Ways {
  readonly ifTrue: Range | undefined;
  readonly ifFalse: Range | undefined;
}

const MOST_SHORT_KEY = 255;
const COMPARISONS: ReadonlySet<string> = new Set(['==', '~=', '<', '<=', '>', '>=']);

export function isCall(expression: Expression | undefined): expression is Call {
  return (
    expression?.type === 'CallExpression' ||
    expression?.type === 'StringCallExpression' ||
    expression?.type === 'TableCallExpression'
  );
}

/** Gives as many values as it likes where it stands last. */
export function isOpen(expression: Expression | undefined): boolean {
  return isCall(expression) || expression?.type === 'VarargLiteral';
}

/** A constant as the compiler folds it; undefined for what is none. */
export function constantOf(expression: Expression): string | number | boolean | null | undefined {
  switch (expression.type) {
    case 'StringLiteral':
      return expression.raw;
    case 'NumericLiteral':
    case 'BooleanLiteral':
      return expression.value;
    case 'NilLiteral':
      return null;
    case 'UnaryExpression': {
      const value = constantOf(expression.argument);
      if (value === undefined) return undefined;
      if (expression.operator === 'not') return value === null || value === false;
      return expression.operator === '-' && typeof value === 'number' && value !== 0 ? -value : undefined;
    }
    case 'BinaryExpression':
      return folded(expression.operator, constantOf(expression.left), constantOf(expression.right));
    default:
      return undefined;
  }
}

function folded(operator: string, a: unknown, b: unknown): number | undefined {
  if (typeof a !== 'number' || typeof b !== 'number') return undefined;
  const value = arithmetic(operator, a, b);
  return value === undefined || Number.isNaN(value) || Object.is(value, -0) ? undefined : value;
}

function arithmetic(operator: string, a: number, b: number): number | undefined {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a - Math.floor(a / b) * b;
    case '^':
      return a ** b;
    default:
      return undefined;
  }
}

export class ExpressionCounter {
  readonly #around: Surroundings;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** Until the value is where it is wanted. */
  value(expression: Expression, place: Place): Range {
    if (constantOf(expression) !== undefined) return exactly(1);
    switch (expression.type) {
      case 'Identifier':
        return exactly(this.#around.kindOf(expression.name) === 'local' && place === 'any' ? 0 : 1);
      case 'FunctionDeclaration':
        this.#around.functionMade(expression);
        return exactly(1);
      case 'TableConstructorExpression':
        return this.#table(expression);
      case 'CallExpression':
      case 'StringCallExpression':
      case 'TableCallExpression':
        return this.call(expression);
      case 'MemberExpression':
        return sum(this.value(expression.base, 'any'), exactly(1));
      case 'IndexExpression':
        return sum(this.value(expression.base, 'any'), this.key(expression.index), exactly(1));
      case 'UnaryExpression':
        if (expression.operator === 'not' && isJump(expression.argument)) return this.#truth(expression);
        return sum(this.value(expression.argument, 'any'), exactly(1));
      case 'BinaryExpression':
        if (COMPARISONS.has(expression.operator)) return this.#truth(expression);
        if (expression.operator === '..') return sum(this.#joined(expression), exactly(1));
        return sum(...this.#operands(expression.operator, expression.left, expression.right), exactly(1));
      case 'LogicalExpression':
        return this.#choice(expression);
      default:
        return exactly(1);
    }
  }

  /** A key in brackets: short numbers and strings are part of the instruction. */
  key(expression: Expression): Range {
    const constant = constantOf(expression);
    if (typeof constant === 'string') return NONE;
    if (typeof constant === 'number') return exactly(isShort(constant) ? 0 : 1);
    return this.value(expression, 'any');
  }

  call(call: Call): Range {
    const { base } = call;
    // A method is looked up beside a copy of its object.
    const callee =
      base.type === 'MemberExpression' && base.indexer === ':'
        ? sum(this.value(base.base, 'any'), exactly(2))
        : this.value(base, 'next');
    return sum(callee, this.list(argumentsOf(call)), exactly(1));
  }

  /** Values side by side in registers. */
  list(expressions: readonly Expression[]): Range {
    return sum(...expressions.map((expression) => this.value(expression, 'next')));
  }

  /** Until a jump is taken or not. `before`: what the condition stands in front of, which decides about constants. */
  condition(expression: Expression, before: 'and' | 'or'): Ways {
    const constant = constantOf(expression);
    if (constant !== undefined) {
      const isTrue = constant !== null && constant !== false;
      // A constant on which the code goes on is not even loaded; one on which it jumps is loaded first.
      const cost = isTrue === (before === 'and') ? NONE : exactly(2);
      return { ifTrue: isTrue ? cost : undefined, ifFalse: isTrue ? undefined : cost };
    }
    if (expression.type === 'UnaryExpression' && expression.operator === 'not') {
      const { ifTrue, ifFalse } = this.condition(expression.argument, before);
      return { ifTrue: ifFalse, ifFalse: ifTrue };
    }
    if (expression.type === 'LogicalExpression') {
      const { operator } = expression;
      const left = this.condition(expression.left, operator);
      const right = this.condition(expression.right, before);
      this.#around.sometimes(expression.right, either(right.ifTrue, right.ifFalse) ?? NONE);
      const [decided, goesOn] = operator === 'and' ? [left.ifFalse, left.ifTrue] : [left.ifTrue, left.ifFalse];
      const isTrue = right.ifTrue && goesOn;
      const isFalse = right.ifFalse && goesOn;
      return operator === 'and'
        ? { ifTrue: isTrue, ifFalse: either(decided, isFalse) }
        : { ifTrue: either(decided, isTrue), ifFalse: isFalse };
    }
    const cost =
      expression.type === 'BinaryExpression' && COMPARISONS.has(expression.operator)
        ? sum(...this.#compared(expression.operator, expression.left, expression.right), exactly(1))
        : sum(this.value(expression, 'any'), exactly(1));
    return { ifTrue: cost, ifFalse: cost };
  }

  /** A comparison as a value: true is loaded, false is loaded and true jumped over. */
  #truth(expression: Expression): Range {
    const { ifTrue, ifFalse } = this.condition(expression, 'and');
    return either(then(ifTrue, exactly(1)), then(ifFalse, exactly(2))) ?? NONE;
  }

  /** `and` and `or` as values: the left one stays where it decides. */
  #choice({ operator, left, right }: Extract<Expression, { type: 'LogicalExpression' }>): Range {
    const { ifTrue, ifFalse } = this.condition(left, operator);
    this.#around.sometimes(right, this.value(right, 'next'));
    const whole = either(ifTrue, ifFalse) ?? NONE;
    return yieldsTruth(left, operator) ? sum(whole, between(0, 2)) : whole;
  }

  #operands(operator: string, left: Expression, right: Expression): Range[] {
    if (operator === '^') return [this.value(left, 'any'), this.value(right, 'any')];
    if (typeof constantOf(right) === 'number') return [this.value(left, 'any')];
    if (typeof constantOf(left) === 'number') return [this.value(right, 'any')];
    return [this.value(left, 'any'), this.value(right, 'any')];
  }

  #compared(operator: string, left: Expression, right: Expression): Range[] {
    if (operator !== '==' && operator !== '~=') return [this.value(left, 'any'), this.value(right, 'any')];
    if (constantOf(right) !== undefined) return [this.value(left, 'any')];
    if (constantOf(left) !== undefined) return [this.value(right, 'any')];
    return [this.value(left, 'any'), this.value(right, 'any')];
  }

  /** The parts of `a .. b .. c`, which are joined at once. */
  #joined(expression: Expression): Range {
    if (expression.type !== 'BinaryExpression' || expression.operator !== '..') return this.value(expression, 'next');
    return sum(this.value(expression.left, 'next'), this.#joined(expression.right));
  }

  #table({ fields }: TableConstructorExpression): Range {
    let count = exactly(1);
    let position = 0;
    for (const [index, field] of fields.entries()) {
      const isConstant = constantOf(field.value) !== undefined;
      let key = NONE;
      if (field.type === 'TableValue') {
        position++;
        if (index === fields.length - 1 && isOpen(field.value)) {
          count = sum(count, this.value(field.value, 'next'), exactly(1));
          continue;
        }
        key = exactly(isShort(position) ? 0 : 1);
      } else if (field.type === 'TableKey') {
        key = this.key(field.key);
      }
      const isTemplate = isConstant && (field.type !== 'TableKey' || constantOf(field.key) !== undefined);
      if (!isTemplate) count = sum(count, key, this.value(field.value, 'any'), exactly(1));
    }
    return count;
  }
}

function isShort(key: number): boolean {
  return Number.isInteger(key) && key >= 0 && key <= MOST_SHORT_KEY;
}

function argumentsOf(call: Call): readonly Expression[] {
  if (call.type === 'CallExpression') return call.arguments;
  return [call.type === 'StringCallExpression' ? call.argument : call.arguments];
}

function then(first: Range | undefined, second: Range | undefined): Range | undefined {
  return first === undefined || second === undefined ? undefined : sum(first, second);
}

/** Comes out of the compiler as a jump rather than as a value. */
function isJump(expression: Expression): boolean {
  if (constantOf(expression) !== undefined) return false;
  if (expression.type === 'LogicalExpression') return true;
  if (expression.type === 'UnaryExpression' && expression.operator === 'not') return isJump(expression.argument);
  return expression.type === 'BinaryExpression' && COMPARISONS.has(expression.operator);
}

/** Where the left side of `and` or `or` decides, its value is that of a comparison. */
function yieldsTruth(left: Expression, operator: 'and' | 'or'): boolean {
  if (left.type !== 'LogicalExpression')
    return isJump(left) || (left.type === 'UnaryExpression' && left.operator === 'not');
  const { operator: inner } = left;
  return yieldsTruth(left.right, operator) || (inner === operator && yieldsTruth(left.left, operator));
}
