import { describe, expect, it } from 'vitest';
import { copySources, execForm, parseDockerfile } from './dockerfile.ts';

describe('reading a Dockerfile', () => {
  it('names stages, numbers those without a name, and keeps the bases', () => {
    const stages = parseDockerfile('FROM node:24 AS build\nFROM scratch\n');
    expect(stages.map(({ name, base }) => [name, base])).toEqual([
      ['build', 'node:24'],
      ['1', 'scratch'],
    ]);
  });

  it('joins continued lines across comments and says where the instruction began', () => {
    const [stage] = parseDockerfile('# why\nFROM a\nrun one \\\n# between\n  && two\n');
    expect(stage?.instructions).toEqual([{ line: 3, keyword: 'RUN', flags: {}, rest: 'one && two' }]);
  });

  it('tells flags from what is copied', () => {
    const [stage] = parseDockerfile('FROM a\nCOPY --from=build --chown=1:1 /x /y /to/\n');
    const [copy] = stage?.instructions ?? [];
    expect(copy?.flags).toEqual({ from: 'build', chown: '1:1' });
    expect(copy && copySources(copy)).toEqual(['/x', '/y']);
  });

  it('tells exec form from shell form', () => {
    expect(execForm('["node", "-e", "1"]')).toEqual(['node', '-e', '1']);
    expect(execForm('node -e 1')).toBeUndefined();
  });

  it('refuses an instruction that belongs to no stage', () => {
    expect(() => parseDockerfile('RUN x\n')).toThrow('line 1: RUN before the first FROM');
  });
});
