/** Shapes of code that LuaJIT treats in ways of their own. */
import type { Expression, Statement } from 'luaparse';
import { between, exactly, NONE, type Range } from './instruction-range.ts';
import { constantOf, isCall, type Surroundings } from './instructions-of-expressions.ts';

/** What is made in a register of its own has to be moved from there. */
export function movedFrom(value: Expression): Range {
  if (isCall(value)) return exactly(1);
  if (value.type === 'TableConstructorExpression') {
    const isCopied = (field: (typeof value.fields)[number]) =>
      constantOf(field.value) !== undefined && (field.type !== 'TableKey' || constantOf(field.key) !== undefined);
    return exactly(value.fields.every(isCopied) ? 0 : 1);
  }
  return value.type === 'LogicalExpression' || value.type === 'VarargLiteral' ? between(0, 1) : NONE;
}

export const BRANCHES: ReadonlySet<string> = new Set([
  'IfStatement',
  'WhileStatement',
  'ForNumericStatement',
  'ForGenericStatement',
]);

/** `pairs(t)` or `next, t`, for which there is an instruction of its own. */
export function isNext(iterator: Expression | undefined): boolean {
  const callee = iterator?.type === 'CallExpression' ? iterator.base : iterator;
  const name = callee?.type === 'Identifier' ? callee.name : undefined;
  return iterator?.type === 'CallExpression' ? name === 'pairs' : name === 'next';
}

/** Nothing but sums of numbers in local names: what the compiler never refuses. */
export function isPlain(body: readonly Statement[], around: Surroundings): boolean {
  const isLocal = ({ type, ...node }: Expression) =>
    type === 'Identifier' && 'name' in node && around.kindOf(node.name) === 'local';
  const isSum = (value: Expression): boolean =>
    typeof constantOf(value) === 'number' ||
    isLocal(value) ||
    (value.type === 'BinaryExpression' && '+-*'.includes(value.operator) && isSum(value.left) && isSum(value.right));
  return body.every(
    (statement) =>
      statement.type === 'AssignmentStatement' && statement.variables.every(isLocal) && statement.init.every(isSum),
  );
}

export function rangeOf(node: object): readonly [start: number, end: number] {
  const range: unknown = 'range' in node ? node.range : undefined;
  if (!Array.isArray(range)) throw new Error('a syntax tree without places');
  return [Number(range[0]), Number(range[1])];
}
