/**
 * The code that PowerDNS makes of a LUA record's stored text (`"chunk" "chunk"`).
 *
 * Every double quote splits, even one behind a backslash, so that no double quote ever reaches Lua. With
 * `insertWhitespace` (`lua-records-insert-whitespace`: the only behaviour before 4.9.1, the default up to 4.9) a blank
 * follows each piece, the blanks between two chunks included: `"a" "b"` runs as `a   b `. Without it (the default since
 * 5.0) pieces that are one blank are dropped and the rest joined: `ab`. Backslashes reach Lua untouched. The code ends at the
 * first NUL.
 */
export function luaCode(text: string, insertWhitespace: boolean): string {
  const pieces = text.split('"').filter((piece) => piece !== '');
  const code = insertWhitespace
    ? pieces.map((piece) => `${piece} `).join('')
    : pieces.filter((piece) => piece !== ' ').join('');
  const end = code.indexOf('\0');
  return end === -1 ? code : code.slice(0, end);
}
