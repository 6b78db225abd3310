/**
 * What differs between the release lines of PowerDNS Authoritative, as data. Rules read a profile; no other code asks
 * for a version. One file a release line states what it changed, with its source.
 */

export const RELEASE_LINES = ['4.7', '4.8', '4.9', '5.0', '5.1'] as const;
export type ReleaseLine = (typeof RELEASE_LINES)[number];

export interface Profile {
  readonly line: ReleaseLine;

  /** Names of the functions and constants that records of this line can call. */
  readonly functions: ReadonlySet<string>;
  /** Selectors that mean something; any other name is a warning and a random pick. */
  readonly selectors: ReadonlySet<string>;

  /** `ifportup` takes groups (a list of lists), as `ifurlup` always did. */
  readonly portGroups: boolean;
  /** What `backupSelector` picks from when everything is down. */
  readonly backupCandidates: 'all groups' | 'first non-empty group';
  /** A call none of whose checks has a result fails when `failOnIncompleteCheck` asks for it, and always without candidates. */
  readonly incompleteFails: boolean;
  /** `minimumFailures`, `httpcode`, `interval` and numeric bodies (weights) mean something. */
  readonly checkTuning: boolean;
  /** `byteslimit`: unknown option, C's `atoi`, or a number that must parse. */
  readonly bytesLimit: 'ignored' | 'lenient' | 'strict';
  /** Option values may be tables of strings (`headers`). */
  readonly optionTables: boolean;
  /** Port arguments out of range: taken modulo 65536, or clamped. */
  readonly portRange: 'modulo' | 'clamped';
  /** Candidates of one `ifurlextup` group: hash order that differs between Lua states, or sorted by text. */
  readonly extOrder: 'hash' | 'sorted';
  /** Redirects that libcurl of this line's packages follows; undefined = until the timeout. */
  readonly redirectLimit: number | undefined;

  /** When a check is due, and what wakes the checker. */
  readonly checker: CheckerRules;

  /** Weights below this are refused; 0 is allowed and never chosen where the bound is 0. */
  readonly minimumWeight: 0 | 1;
  /** Largest sum of weights that works. */
  readonly maximumWeightSum: number;

  /** `view` with an incomplete rule. */
  readonly incompleteView: 'kills the server' | 'refused';
  /** Value of `lua-records-insert-whitespace` where it is not set. */
  readonly insertWhitespace: boolean;
  /** LUA records that arrive by API, zone transfer or DNS UPDATE are refused unless `enable-lua-record-updates` is set. */
  readonly refusesLuaUpdates: boolean;
  /** `lua-records-exec-limit` does something. */
  readonly execLimit: boolean;
  /** A LUA CNAME at a wildcard: all of them and other records too, or exactly one. */
  readonly wildcardCname: 'last of all' | 'first only';
  /** A wildcard without data that has names below it gives a question of type ANY a record without type and data. */
  readonly typelessWildcard: boolean;
  /**
   * What the scope that a client sent does to the scope of the answer: nothing, or the larger of the two is sent, cut to
   * the bits of an address or as it came.
   */
  readonly clientScope: 'ignored' | 'cut' | 'as sent';
  /** `filterForward` returns text or a list. */
  readonly filterForward: 'text' | 'list';
  /** Answers over TCP are shuffled as those over UDP are. */
  readonly shuffleTcp: boolean;
  /** The variable `localwho` exists. */
  readonly localwho: boolean;
  /** Methods of `dh` work. */
  readonly headerMethods: boolean;

  /** How `createForward` and `createForward6` read names. */
  readonly forward: ForwardRules;
  /** How `createReverse` and `createReverse6` write names. */
  readonly reverse: ReverseRules;
  /** How the text of records is read, what code returns included. */
  readonly text: TextRules;
  /** Types that this line has a name for, beyond those of 4.7. */
  readonly furtherTypes: readonly (readonly [name: string, number: number])[];
  /** What `newNetmask` makes of a length beyond the address: keeps it, or takes all bits. */
  readonly netmaskLength: 'as written' | 'clamped';
  /** The LuaJIT of this line's packages is built with its extensions from Lua 5.2 (`;;`, `table.pack`, `rawlen`, …). */
  readonly lua52: boolean;
}

export interface ForwardRules {
  /** What the name is taken relative to. An owner that is no wildcard gives 0.0.0.0 and :: in the latter case. */
  readonly base: 'zone' | 'wildcard';
  /** Labels that hold an address in hex: ten characters of which eight count, or the last eight of any. */
  readonly hexLabel: 'ten characters' | 'last eight';
  /** Leading characters that are no hex digits are skipped. */
  readonly skipsWord: boolean;
  /** The four numbers of `1-2-3-4`: copied as they are, or read and written again. */
  readonly octets: 'as written' | 'rewritten';
  /** `0x` where two hex digits are expected (C library of the packages): read as 0, or refused. */
  readonly bareHexPrefix: 'zero' | 'refused';
  /** `createForward6` reads 32 hex digits at the end of a label; before it took every single label for an address. */
  readonly hexLabel6: boolean;
  /** `createForward6` on something that is no address: the call fails, or gives `::`. */
  readonly errors6: 'fails' | 'zeros';
}

export interface ReverseRules {
  /** `createReverse` with an exception, or a name, that is no address: the call fails, or gives `error`. */
  readonly badAddress: 'fails' | 'error';
  /** What `createReverse6` gives on any error. */
  readonly errorText6: 'unknown' | 'error';
  /** `%33%` gets zeros where it would start or end with a dash, or have two dashes in third place. */
  readonly padded: boolean;
}

export interface TextRules {
  /** Strings may lack their quotes anywhere; before only letters and digits at the very end may. */
  readonly unquotedStrings: boolean;
  /** A backslash before a digit must be followed by three digits up to 255, in the text of a LUA record too. */
  readonly strictEscapes: boolean;
  /** Hex with an odd number of digits is refused, not completed with a zero. */
  readonly strictHex: boolean;
  /** Base64 that is cut short or too long is refused. */
  readonly strictBase64: boolean;
  /** Service parameters: the value of `port` is a string, in quotes or not, of which the digits at its start count. */
  readonly portIsString: boolean;
  /** Service parameters without a value under a number (`key65333`). */
  readonly emptyServiceKeys: boolean;
  /** Names of service parameters beyond `ipv6hint`, by number. */
  readonly furtherServiceKeys: ReadonlyMap<string, number>;
  /** The value of one of these is read under its number (`key9=29`) as under its name. */
  readonly numbersAreNames: boolean;
}

export interface CheckerRules {
  /**
   * `every round`: all checks run in each round, rounds start I after the last start or at its end, whichever is later.
   * `interval after end`: a check is due once its interval has passed since the whole second in which it last ended.
   */
  readonly due: 'every round' | 'interval after end';
  /** The checker sleeps for the global interval, or for the greatest common divisor of all intervals. */
  readonly sleep: 'interval' | 'common divisor';
  /** A new check wakes a sleeping checker at once. */
  readonly wakesForNewChecks: boolean;
}
