/** The zone that a zone file says it is by the `$ORIGIN` it begins with, final dot included; undefined where it says none. */
export function writtenOrigin(text: string): string | undefined {
  const written = /^\$ORIGIN[ \t]+(\S+\.)(?=\s|$)/im.exec(text);
  const isFirst =
    written !== null &&
    text
      .slice(0, written.index)
      .split('\n')
      .every((line) => /^\s*(?:;|\$|$)/.test(line));
  return isFirst ? written[1] : undefined;
}
