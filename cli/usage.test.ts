import { describe, expect, it } from 'vitest';
import { UserError } from '../input/errors.ts';
import { type CommandUsage, readCall } from './usage.ts';

const look: CommandUsage = {
  command: 'look',
  words: ['NAME', '[TYPE]'],
  wordCount: { least: 1, most: 2 },
  options: {
    zone: { type: 'string', array: true, describe: 'Zone file' },
    'key-file': { type: 'string', describe: 'File with the key' },
    format: { type: 'string', choices: ['text', 'json'], default: 'text' },
    profile: { type: 'string', choices: ['4.9', '5.0'] },
    probe: { type: 'boolean' },
    server: { type: 'string', demandOption: true, describe: 'ADDRESS:PORT' },
  },
  example: 'look api.acme.test --server 127.0.0.1:53',
};
const below: CommandUsage = { ...look, command: 'geo find', options: {} };
const many = { words: ['ADDRESS…'], wordCount: { least: 1, most: Number.POSITIVE_INFINITY } };
const usages = [look, below, { ...below, ...many, command: 'geo build' }];

describe('a call that is right', () => {
  it.each([
    ['look api.acme.test --server=127.0.0.1:53', { name: 'api.acme.test', server: '127.0.0.1:53', format: 'text' }],
    [
      'look --server 127.0.0.1:53 --zone a --zone b api.acme.test AAAA --format json --probe',
      {
        name: 'api.acme.test',
        type: 'AAAA',
        server: '127.0.0.1:53',
        zone: ['a', 'b'],
        format: 'json',
        probe: true,
      },
    ],
    ['look n --server s --zone=a=b', { name: 'n', server: 's', zone: ['a=b'], format: 'text' }],
    ['look n --server s --no-probe', { name: 'n', server: 's', format: 'text', probe: false }],
    ['look n --server s --probe=false', { name: 'n', server: 's', format: 'text', probe: false }],
    ['look - --server s', { name: '-', server: 's', format: 'text' }],
    ['geo find NAME', { name: 'NAME' }],
    ['geo build 1 2 3', { address: ['1', '2', '3'] }],
  ])('is read: %s', (line, args) => {
    expect(readCall(line.split(' '), usages).arguments).toEqual(args);
  });

  it('is of the command that it names', () => {
    expect(readCall(['geo', 'find', 'NAME'], usages).usage).toBe(below);
  });

  it('may hold flags of the program that the command stands in for', () => {
    const standIn = { ...below, ignoresOtherFlags: true };
    expect(readCall(['geo', 'find', 'NAME', '--daemon=no', '--guardian'], [standIn]).arguments).toEqual({
      name: 'NAME',
    });
  });
});

describe('a call that is wrong', () => {
  it.each([
    ['', 'which command?', 'There are look and geo; see pdns-shadow --help.'],
    ['lok', "there is no command 'lok'", 'Did you mean look?'],
    ['xyzzy', "there is no command 'xyzzy'", 'There are look and geo.'],
    [
      '--format json look',
      'the command must come before --format',
      'Write pdns-shadow COMMAND --format …; see pdns-shadow --help.',
    ],
    ['geo', 'geo what?', 'There are find and build.'],
    ['geo fnid x', "there is no command 'geo fnid'", 'Did you mean find?'],
    ['look n --zoen a', 'look has no flag --zoen', 'Did you mean --zone?'],
    ['look n --key a', 'look has no flag --key', 'Did you mean --key-file?'],
    ['look n --keyFile a', 'look has no flag --keyFile', 'Did you mean --key-file?'],
    ['look n -z a', 'look has no flag -z', 'See pdns-shadow look --help.'],
    ['look n --no-zone', 'look has no flag --no-zone', 'See pdns-shadow look --help.'],
    ['look n --zone', '--zone needs a value', 'It is: Zone file.'],
    ['look n --zone=', '--zone needs a value', 'It is: Zone file.'],
    ['look n --zone --probe', '--zone needs a value', 'It is: Zone file.'],
    ['look n --probe=yes', '--probe=yes: --probe takes no value', 'Write --probe, or leave it out.'],
    ['look n --format jsn', '--format jsn: expected text or json', 'Did you mean json?'],
    ['look n --profile 6.0', '--profile 6.0: expected 4.9 or 5.0', undefined],
    ['look n --format json --format text', '--format is given 2 times (json, text)', 'Give it once.'],
    ['look --server s', 'look needs NAME', 'For example: pdns-shadow look api.acme.test --server 127.0.0.1:53'],
    [
      'look n A more --server s',
      "look takes NAME [TYPE]; 'more' is one word too many",
      'For example: pdns-shadow look api.acme.test --server 127.0.0.1:53',
    ],
    ['look n', 'look needs --server', 'For example: pdns-shadow look api.acme.test --server 127.0.0.1:53'],
  ])('is refused with what was meant: %s', (line, message, hint) => {
    const error = caught(() => readCall(line.split(' ').filter(Boolean), usages));
    expect(error).toMatchObject({ code: 'E_USAGE', exitCode: 2, message });
    expect(error.hint).toBe(hint);
  });
});

function caught(run: () => void): UserError {
  try {
    run();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('it was let through');
}
