/**
 * Whether code that went on beyond all measure has no end at all, as far as its text shows it: a loop that nothing leaves, a
 * function that does nothing but to call itself, a pattern that tries every way to cut a long text. Other code that takes
 * long here may be done in a server before the client gives up.
 */
import type { Chunk, Expression, Node, Statement } from 'luaparse';

/** No computer turns so often while a client waits. */
const UNBOUNDED_TURNS = 1e11;

/** True where the code holds a loop or a tail call without an end. */
export function hasEndlessLoop(chunk: Chunk): boolean {
  // No recursion: a sum of thousands is a tree as deep.
  const left: Node[] = [chunk];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    if (isEndlessLoop(node) || isEndlessTailCall(node)) return true;
    left.push(...childrenOf(node));
  }
  return false;
}

/**
 * True where matching takes longer than anybody waits, given that it takes long: the ways to cut a text of `length` bytes
 * into as many pieces as the pattern has repetitions are without number.
 */
export function isEndlessMatch(length: number, pattern: string): boolean {
  const plain = pattern.replace(/%[\s\S]/g, 'x').replace(/\[\^?\]?[^\]]*\]/g, 'x');
  const repetitions = (plain.match(/[^^][*+?-]/g)?.length ?? 0) + (plain.startsWith('^') ? 0 : 1);
  let ways = 1;
  for (let piece = 1; piece <= repetitions; piece++) ways *= Math.max(1, length / piece);
  return ways > UNBOUNDED_TURNS;
}

function isEndlessLoop(node: Node): boolean {
  switch (node.type) {
    case 'WhileStatement':
      return isConstant(node.condition) === true && !canBeLeft(node.body);
    case 'RepeatStatement':
      return isConstant(node.condition) === false && !canBeLeft(node.body);
    case 'ForNumericStatement': {
      const [first, last, step] = [numberOf(node.start), numberOf(node.end), node.step ? numberOf(node.step) : 1];
      if (first === undefined || last === undefined || step === undefined) return false;
      return (last - first) / step > UNBOUNDED_TURNS && !canBeLeft(node.body);
    }
    default:
      return false;
  }
}

/** `local function f() return f() end` */
export function isEndlessTailCall(node: Node): boolean {
  if (node.type !== 'FunctionDeclaration' || node.identifier?.type !== 'Identifier') return false;
  const last = node.body.at(-1);
  const [value] = last?.type === 'ReturnStatement' ? last.arguments : [];
  if (value?.type !== 'CallExpression' || value.base.type !== 'Identifier') return false;
  return value.base.name === node.identifier.name && node.body.length === 1 && last?.type === 'ReturnStatement';
}

/** Truth of a condition that is written out. */
function isConstant(condition: Expression): boolean | undefined {
  switch (condition.type) {
    case 'BooleanLiteral':
      return condition.value;
    case 'NilLiteral':
      return false;
    case 'NumericLiteral':
    case 'StringLiteral':
      return true;
    default:
      return undefined;
  }
}

function numberOf(expression: Expression): number | undefined {
  if (expression.type === 'NumericLiteral') return expression.value;
  if (expression.type === 'UnaryExpression' && expression.operator === '-') {
    const value = numberOf(expression.argument);
    return value === undefined ? undefined : -value;
  }
  const isHuge =
    expression.type === 'MemberExpression' &&
    expression.base.type === 'Identifier' &&
    expression.base.name === 'math' &&
    expression.identifier.name === 'huge';
  return isHuge ? Number.POSITIVE_INFINITY : undefined;
}

/** A `break` of this very loop, or a `return` or `goto` of its function. */
export function canBeLeft(body: readonly Statement[]): boolean {
  return body.some((statement) => leaves(statement, false));
}

function leaves(statement: Statement, isInner: boolean): boolean {
  switch (statement.type) {
    case 'ReturnStatement':
    case 'GotoStatement':
      return true;
    case 'BreakStatement':
      return !isInner;
    case 'IfStatement':
      return statement.clauses.some((clause) => clause.body.some((inner) => leaves(inner, isInner)));
    case 'DoStatement':
      return statement.body.some((inner) => leaves(inner, isInner));
    case 'WhileStatement':
    case 'RepeatStatement':
    case 'ForNumericStatement':
    case 'ForGenericStatement':
      return statement.body.some((inner) => leaves(inner, true));
    default:
      return false;
  }
}

function childrenOf(node: Node): Node[] {
  return Object.values(node)
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .filter(isNode);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
