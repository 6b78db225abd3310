/** How a run of Lua code ends other than with a result. */

/** A Lua error: syntax, runtime, or an argument that a function refuses. Lua code can catch it with `pcall`. */
export class LuaError extends Error {
  override readonly name = 'LuaError';
}

/**
 * Decides a run, whatever the code does with it: thrown by a host function it is an error that `pcall` can catch, but `run`
 * throws it in the end.
 */
export class LuaAbort extends Error {
  override readonly name: string = 'LuaAbort';
}

/** The machine was ended in the middle of something, from where no `pcall` catches it. The VM is unusable. */
export class LuaBroken extends LuaAbort {
  override readonly name: string = 'LuaBroken';
}

/** The code took more steps than its budget. */
export class LuaBudgetExceeded extends LuaBroken {
  override readonly name = 'LuaBudgetExceeded';
  readonly match: Match | undefined;
  constructor(match: Match | undefined) {
    super('step budget exceeded');
    this.match = match;
  }
}

/** What a function of the string library was busy with. */
export interface Match {
  readonly subject: string;
  readonly pattern: string;
}
