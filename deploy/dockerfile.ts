/** One instruction of a Dockerfile: its line (from 1), its keyword in capitals, its flags and what follows them. */
export interface Instruction {
  readonly line: number;
  readonly keyword: string;
  readonly flags: Readonly<Record<string, string>>;
  readonly rest: string;
}

/** A stage: its base, its name (its number where it has none) and its instructions after `FROM`. */
export interface Stage {
  readonly name: string;
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

/** The stages of a Dockerfile, in order. Reads comments, continued lines and flags; no heredocs and no `ARG` before `FROM`. */
export function parseDockerfile(text: string): readonly Stage[] {
  const stages: { name: string; base: string; instructions: Instruction[] }[] = [];
  for (const instruction of instructionsOf(text)) {
    const current = stages.at(-1);
    if (instruction.keyword === 'FROM') {
      const [base = '', , name = String(stages.length)] = instruction.rest.split(/\s+/);
      stages.push({ name, base, instructions: [] });
    } else if (current !== undefined) {
      current.instructions.push(instruction);
    } else {
      throw new Error(`line ${instruction.line}: ${instruction.keyword} before the first FROM`);
    }
  }
  return stages;
}

/** The sources of a `COPY` or `ADD`: everything but the last word. */
export function copySources(copy: Instruction): readonly string[] {
  return copy.rest.split(/\s+/).slice(0, -1);
}

/** The words of an instruction in exec form (`["node", "-e", "…"]`), or undefined where it is in shell form. */
export function execForm(rest: string): readonly string[] | undefined {
  if (!rest.startsWith('[')) return undefined;
  const words: unknown = JSON.parse(rest);
  return Array.isArray(words) ? words.map(String) : undefined;
}

function instructionsOf(text: string): readonly Instruction[] {
  const instructions: Instruction[] = [];
  let pending = '';
  let startLine = 1;
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    if (pending === '') startLine = index + 1;
    const continued = /\\\s*$/.test(line);
    pending += `${line.replace(/\\\s*$/, '').trim()} `;
    if (continued) continue;
    instructions.push(instructionOf(pending.trim(), startLine));
    pending = '';
  }
  return instructions;
}

function instructionOf(text: string, line: number): Instruction {
  const [, keyword = '', flagText = '', rest = ''] = /^(\w+)\s+((?:--[\w-]+=\S+\s+)*)(.*)$/.exec(text) ?? [];
  const flags = Array.from(flagText.matchAll(/--([\w-]+)=(\S+)/g), ([, name = '', value = '']) => [name, value]);
  return { line, keyword: keyword.toUpperCase(), flags: Object.fromEntries(flags), rest };
}
