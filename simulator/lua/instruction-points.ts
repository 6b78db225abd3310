/**
 * Puts calls of `__counted(n)` into code, one wherever the instructions that follow are executed together or not at all, and
 * says how many LuaJIT executes from each on. Nothing else changes: texts, lines and results stay.
 */
import type { Expression, FunctionDeclaration, Identifier, Statement } from 'luaparse';
import { canBeLeft, isEndlessTailCall } from './endless.ts';
import { between, either, exactly, NONE, type Range, sum } from './instruction-range.ts';
import { BRANCHES, isNext, isPlain, movedFrom, rangeOf } from './instruction-shapes.ts';
import { constantOf, ExpressionCounter, isCall, isOpen, type Surroundings } from './instructions-of-expressions.ts';
import { mayFoldToMinusZero, syntaxTree } from './luajit-syntax.ts';

export interface CountingPoint {
  readonly range: Range;
  /** A loop turns or a function begins: the compiler of LuaJIT watches. */
  readonly isHot: boolean;
  /** After some dozen turns it is compiled for certain. */
  readonly isCompiled: boolean;
}

export interface CountedCode {
  readonly text: string;
  readonly points: readonly CountingPoint[];
}

/** True of code that would not run as before: its functions may have other globals. */
export function isUncountable(code: string): boolean {
  return /\b(?:setfenv|__counted)\b/.test(code) || mayFoldToMinusZero(code);
}

/** `code` with its points, numbered from `first` on; undefined where it is no Lua. */
export function countedCode(code: string, first: number): CountedCode | undefined {
  const tree = syntaxTree(code);
  if (tree === undefined) return undefined;
  const writer = new Writer(first);
  writer.inFunction([], () => writer.block(tree.body, { at: code.length, tail: exactly(1) }));
  return { text: writer.text(code), points: writer.points };
}

interface BlockOptions {
  /** Where a point goes if there is no statement. */
  readonly at: number;
  /** Before the first statement. */
  readonly head?: Range;
  /** Behind the last. */
  readonly tail?: Range;
  /** The tail is a jump to somewhere else. */
  readonly isJump?: boolean;
  readonly isHot?: boolean;
  readonly isCompiled?: boolean;
}

/** A function whose body is walked over: its names by block, and whether it has made a function so far. */
interface Frame {
  readonly blocks: Set<string>[];
  hasChild: boolean;
}

class Writer implements Surroundings {
  readonly points: { range: Range; isHot: boolean; isCompiled: boolean }[] = [];
  readonly #first: number;
  readonly #insertions: { readonly at: number; readonly text: string }[] = [];
  readonly #frames: Frame[] = [];
  readonly #count = new ExpressionCounter(this);

  constructor(first: number) {
    this.#first = first;
  }

  text(code: string): string {
    const inOrder = this.#insertions.toSorted((a, b) => a.at - b.at);
    let text = '';
    let copied = 0;
    for (const { at, text: inserted } of inOrder) {
      text += code.slice(copied, at) + inserted;
      copied = at;
    }
    return text + code.slice(copied);
  }

  kindOf(name: string): 'local' | 'upvalue' | 'global' {
    const depth = this.#frames.findLastIndex(({ blocks }) => blocks.some((names) => names.has(name)));
    if (depth === -1) return 'global';
    return depth === this.#frames.length - 1 ? 'local' : 'upvalue';
  }

  functionMade(node: FunctionDeclaration): void {
    const { parameters, body } = node;
    const isCompiled = isEndlessTailCall(node);
    const names = parameters.flatMap((parameter) => (parameter.type === 'Identifier' ? [parameter.name] : []));
    const isMethod = node.identifier?.type === 'MemberExpression' && node.identifier.indexer === ':';
    this.inFunction(isMethod ? ['self', ...names] : names, () =>
      this.block(body, { at: rangeOf(node)[1] - 'end'.length, tail: exactly(1), isHot: true, isCompiled }),
    );
    this.#frame.hasChild = true;
  }

  sometimes(operand: Expression, cost: Range): void {
    const [start, end] = rangeOf(operand);
    this.#add(this.#point({}), cost);
    this.#insertions.push({ at: start, text: `(__counted(${this.#first + this.points.length - 1}) or ` });
    this.#insertions.push({ at: end, text: ')' });
  }

  inFunction(names: readonly string[], walk: () => void): void {
    this.#frames.push({ blocks: [new Set(names)], hasChild: false });
    walk();
    this.#frames.pop();
  }

  block(statements: readonly Statement[], options: BlockOptions): void {
    this.#frame.blocks.push(new Set());
    const start = statements[0] === undefined ? options.at : rangeOf(statements[0])[0];
    let point = this.#insert(start, options);
    this.#add(point, options.head ?? NONE);
    for (const [index, statement] of statements.entries()) {
      this.#add(point, this.#statement(statement, statements[index - 1]));
      const next = statements[index + 1];
      // What follows is not executed where the statement leaves.
      if (next !== undefined && canBeLeft([statement])) point = this.#insert(rangeOf(next)[0], {});
    }
    const last = statements.at(-1);
    const isLeft = last?.type === 'ReturnStatement' || last?.type === 'BreakStatement';
    if (!isLeft) {
      const closes = this.#frame.hasChild ? 1 : 0;
      const tail = options.tail ?? NONE;
      // A jump that ends where another begins goes on to where that one ends.
      const isJumpedOver = last !== undefined && options.isJump === true && BRANCHES.has(last.type);
      const isSure = !isJumpedOver && (last === undefined || !canBeLeft([last]));
      this.#add(point, between(isSure ? tail.min : 0, tail.max + closes));
    }
    this.#frame.blocks.pop();
  }

  #statement(statement: Statement, previous: Statement | undefined): Range {
    const count = this.#count;
    switch (statement.type) {
      case 'LocalStatement': {
        const cost = this.#local(statement.init, statement.variables.length, previous);
        this.#declare(statement.variables);
        return cost;
      }
      case 'AssignmentStatement':
        return this.#assignment(statement.variables, statement.init);
      case 'CallStatement':
        return count.value(statement.expression, 'any');
      case 'ReturnStatement':
        return sum(this.#returned(statement), exactly(this.#frame.hasChild ? 1 : 0));
      case 'BreakStatement':
      case 'GotoStatement':
        return exactly(1);
      case 'FunctionDeclaration': {
        const { identifier, isLocal } = statement;
        if (isLocal && identifier?.type === 'Identifier') this.#declare([identifier]);
        this.functionMade(statement);
        return sum(exactly(1), isLocal || identifier === null ? NONE : this.#stored(identifier));
      }
      case 'DoStatement':
        this.block(statement.body, { at: rangeOf(statement)[1] - 'end'.length });
        return NONE;
      case 'IfStatement':
        return this.#branches(statement);
      case 'WhileStatement': {
        const { ifTrue, ifFalse } = count.condition(statement.condition, 'and');
        const isCompiled = ifFalse === undefined && isPlain(statement.body, this);
        const body = {
          at: rangeOf(statement)[1] - 'end'.length,
          head: sum(ifTrue ?? NONE, exactly(1)),
          tail: exactly(1),
        };
        this.block(statement.body, { ...body, isJump: true, isHot: true, isCompiled });
        return canBeLeft([...statement.body]) ? between(0, ifFalse?.max ?? 0) : (ifFalse ?? NONE);
      }
      case 'RepeatStatement': {
        const isCompiled = constantOf(statement.condition) !== undefined && isPlain(statement.body, this);
        this.#frame.blocks.push(new Set());
        for (const inner of statement.body) if (inner.type === 'LocalStatement') this.#declare(inner.variables);
        const { ifTrue, ifFalse } = count.condition(statement.condition, 'and');
        this.#frame.blocks.pop();
        const tail = either(ifTrue, ifFalse) ?? NONE;
        const at = rangeOf(statement)[0] + 'repeat'.length;
        this.block(statement.body, { at, head: exactly(1), tail, isHot: true, isCompiled });
        return NONE;
      }
      case 'ForNumericStatement': {
        const { start, end, step } = statement;
        const cost = sum(count.list([start, end]), step === null ? exactly(1) : count.value(step, 'next'), exactly(1));
        this.#loop(statement.body, [statement.variable], rangeOf(statement)[1], exactly(1));
        return cost;
      }
      case 'ForGenericStatement': {
        const turn = exactly(isNext(statement.iterators[0]) ? 1 : 2);
        const cost = sum(this.#adjusted(statement.iterators, 3), exactly(1));
        this.#loop(statement.body, statement.variables, rangeOf(statement)[1], turn);
        return sum(cost, canBeLeft([...statement.body]) ? between(0, turn.max) : turn);
      }
      case 'LabelStatement':
        return NONE;
    }
  }

  #loop(body: readonly Statement[], variables: readonly Identifier[], end: number, turn: Range): void {
    this.#frame.blocks.push(new Set(variables.map(({ name }) => name)));
    const isCompiled = isPlain(body, this);
    this.block(body, { at: end - 'end'.length, tail: turn, isHot: true, isCompiled });
    this.#frame.blocks.pop();
  }

  /** Each branch pays for the conditions that lead to it, so that nothing but the way taken counts. */
  #branches(statement: Extract<Statement, { type: 'IfStatement' }>): Range {
    let before: Range = NONE;
    for (const [index, clause] of statement.clauses.entries()) {
      const hasMore = index < statement.clauses.length - 1;
      const tail = hasMore ? exactly(1) : NONE;
      if (clause.type === 'ElseClause') {
        this.block(clause.body, { at: rangeOf(clause)[1], head: before });
        return NONE;
      }
      const { ifTrue, ifFalse } = this.#count.condition(clause.condition, 'and');
      this.block(clause.body, { at: rangeOf(clause)[1], head: sum(before, ifTrue ?? NONE), tail, isJump: true });
      before = sum(before, ifFalse ?? NONE);
    }
    this.#add(this.#insert(rangeOf(statement)[1] - 'end'.length, {}, 'else '), before);
    return NONE;
  }

  #local(init: readonly Expression[], names: number, previous: Statement | undefined): Range {
    const isNil = (statement: Statement | undefined) =>
      statement?.type === 'LocalStatement' && statement.init.every((value) => value.type === 'NilLiteral');
    // Registers side by side are cleared by one instruction.
    if (init.length === 0 && isNil(previous)) return between(0, 1);
    return this.#adjusted(init, names);
  }

  /** Values for a number of registers: too few are filled up with nil. */
  #adjusted(values: readonly Expression[], wanted: number): Range {
    const isShort = values.length < wanted && !isOpen(values.at(-1));
    return sum(this.#count.list(values), exactly(isShort ? 1 : 0));
  }

  #assignment(variables: readonly (Identifier | Expression)[], values: readonly Expression[]): Range {
    const [variable] = variables;
    const [value] = values;
    if (variables.length > 1 || values.length > 1 || variable === undefined || value === undefined) {
      const stores = sum(...variables.map((each) => this.#stored(each)));
      const all = sum(stores, this.#adjusted(values, variables.length));
      // The last value goes where it belongs without a detour; names that are both read and written are copied first.
      return values.length === variables.length && !isOpen(values.at(-1))
        ? sum(all, between(-1, 1))
        : sum(all, between(0, 1));
    }
    if (variable.type === 'Identifier') {
      const kind = this.kindOf(variable.name);
      // Nothing is moved onto itself.
      if (kind === 'local' && value.type === 'Identifier' && value.name === variable.name) return NONE;
      if (kind === 'local') return sum(this.#count.value(value, 'next'), movedFrom(value));
      if (kind === 'upvalue' && constantOf(value) !== undefined) return exactly(1);
    }
    return sum(this.#stored(variable), this.#count.value(value, 'any'));
  }

  /** A value in a register is written to its place. */
  #stored(variable: Identifier | Expression): Range {
    if (variable.type === 'MemberExpression') return sum(this.#count.value(variable.base, 'any'), exactly(1));
    if (variable.type !== 'IndexExpression') return exactly(1);
    return sum(this.#count.value(variable.base, 'any'), this.#count.key(variable.index), exactly(1));
  }

  #returned(statement: Extract<Statement, { type: 'ReturnStatement' }>): Range {
    const [only, ...more] = statement.arguments;
    if (only === undefined) return exactly(1);
    if (more.length > 0) return sum(this.#count.list(statement.arguments), exactly(1));
    // A call in parentheses gives one value and is no tail call.
    const isTail = isCall(only) && rangeOf(only)[1] === rangeOf(statement)[1];
    return sum(this.#count.value(only, 'any'), exactly(isTail ? 0 : 1));
  }

  /** A point of its own in front of a statement. */
  #insert(at: number, options: Partial<BlockOptions>, before = ''): number {
    const index = this.#point(options);
    this.#insertions.push({ at, text: ` ${before}__counted(${this.#first + index}); ` });
    return index;
  }

  #point({ isHot = false, isCompiled = false }: Partial<BlockOptions>): number {
    return this.points.push({ range: NONE, isHot, isCompiled }) - 1;
  }

  #add(index: number, cost: Range): void {
    const point = this.points[index];
    if (point !== undefined) point.range = sum(point.range, cost);
  }

  #declare(variables: readonly Identifier[]): void {
    for (const { name } of variables) this.#frame.blocks.at(-1)?.add(name);
  }

  get #frame(): Frame {
    const frame = this.#frames.at(-1);
    if (frame === undefined) throw new Error('a statement outside of any function');
    return frame;
  }
}
