/** Makes the records of a mismatch as few and as short as they can be while it stays. */

/** Tries in all; each one reloads a zone. */
const MAX_TRIES = 250;

/** `differs` is told zone lines and says whether the mismatch is still there. */
export async function shrinkLines(
  lines: readonly string[],
  differs: (lines: readonly string[]) => Promise<boolean>,
): Promise<readonly string[]> {
  let tries = 0;
  const still = async (candidate: readonly string[]) => tries++ < MAX_TRIES && (await differs(candidate));
  let best = lines;
  for (let i = best.length - 1; i >= 0 && best.length > 1; i--) {
    const fewer = best.filter((_, at) => at !== i);
    if (await still(fewer)) best = fewer;
  }
  for (const [at, line] of best.entries()) {
    const code = /^(.* IN LUA \S+ ")(.*)"$/.exec(line);
    if (code === null) continue;
    const [, before = '', text = ''] = code;
    const shorter = await shrinkTokens(text.match(/'[^']*'|\w+|\s+|[^\w\s]/g) ?? [], (tokens) =>
      still(best.map((other, i) => (i === at ? `${before}${tokens.join('')}"` : other))),
    );
    best = best.map((other, i) => (i === at ? `${before}${shorter.join('')}"` : other));
  }
  return best;
}

/** Leaves out runs of tokens, long ones first. */
async function shrinkTokens(
  tokens: readonly string[],
  still: (tokens: readonly string[]) => Promise<boolean>,
): Promise<readonly string[]> {
  let best = tokens;
  for (let size = Math.floor(best.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at + size <= best.length; ) {
      const fewer = [...best.slice(0, at), ...best.slice(at + size)];
      if (await still(fewer)) best = fewer;
      else at += size;
    }
  }
  return best;
}
