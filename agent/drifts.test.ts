import { describe, expect, test } from 'vitest';
import { seededUint32 } from '../simulator/chooser.ts';
import { MICROS_PER_SECOND as S } from '../simulator/clock.ts';
import { ABSENT, type CheckStatus, DOWN, UP } from '../simulator/health/status.ts';
import { DriftBook, type DriftKey, type Sighting } from './drifts.ts';
import type { Explanation } from './hypotheses.ts';
import type { Finding } from './judge.ts';

const KEY: DriftKey = { server: 'fra', name: 'www.example.org.', type: 'A', client: 'plain', class: 'answer' };

/** The server can hold on to one wrong belief for 14 seconds. */
function at(seconds: number, answer = '192.0.2.1', more: Partial<Sighting> = {}): Sighting {
  return {
    now: seconds * S,
    wallMs: 1_000_000 + seconds * 1000,
    sourceReadAt: seconds * S,
    beliefMicros: 14 * S,
    graceMicros: 0,
    answer,
    ...more,
  };
}

/** Beliefs in words: `a up, b down`; a `!` marks one that the evidence excludes. */
function believing(...texts: string[]): Explanation[] {
  return texts.map((text) => {
    const assumed = new Map<string, CheckStatus>();
    const wrong = new Set<string>();
    for (const part of text.split(', ')) {
      const [check = '', word = ''] = part.split(' ');
      const status = { up: UP, down: DOWN, absent: ABSENT }[word.replace('!', '')];
      if (status === undefined) throw new TypeError(`no status '${word}'`);
      assumed.set(check, status);
      if (word.endsWith('!')) wrong.add(check);
    }
    return { assumed, wrong };
  });
}

function wrong(...texts: string[]): Finding {
  return { class: 'answer', message: 'answered 192.0.2.1, possible is 192.0.2.2', hypotheses: believing(...texts) };
}

const right =
  (...texts: string[]) =>
  () =>
    believing(...texts);

describe('a server that believes something which was not seen', () => {
  test('is not accused for the blink of one probe', () => {
    const book = new DriftBook();
    expect(book.wrong(KEY, wrong('a down!'), at(0))).toBeUndefined();
    expect(book.wrong(KEY, wrong('a down!'), at(5))).toBeUndefined();
    expect(book.right(KEY, right('a up'), at(10))).toBeUndefined();
    expect(book.pending()).toEqual([]);
  });

  test('is accused once no single wrong probe explains how long it goes on', () => {
    const book = new DriftBook();
    book.wrong(KEY, wrong('a down!'), at(0));
    book.wrong(KEY, wrong('a down!'), at(5));
    expect(book.wrong(KEY, wrong('a down!'), at(13.9))).toBeUndefined();
    const change = book.wrong(KEY, wrong('a down!'), at(14));
    expect(change).toMatchObject({ kind: 'opened', drift: { ...KEY, sinceMs: 1_000_000, lastSeenMs: 1_014_000 } });
    expect(book.open()).toHaveLength(1);
    expect(book.wrong(KEY, wrong('a down!'), at(19))).toBeUndefined();
    expect(book.open()[0]).toMatchObject({ lastSeenMs: 1_019_000 });
  });

  test('tells another story when the answer fits nothing that it was suspected to believe', () => {
    const book = new DriftBook();
    book.wrong(KEY, wrong('a down!'), at(0));
    book.wrong(KEY, wrong('a up!'), at(13));
    expect(book.wrong(KEY, wrong('a up!'), at(20))).toBeUndefined();
    expect(book.wrong(KEY, wrong('a up!'), at(27))).toMatchObject({ kind: 'opened' });
  });

  test('is not accused for two short stories of two targets', () => {
    const book = new DriftBook();
    // It saw a come back a little before it was seen here, then b.
    book.wrong(KEY, wrong('a up!, b down', 'a up!, b up!'), at(0));
    book.right(KEY, right('a up, b down', 'a up, b up!'), at(7));
    expect(book.pending()).toEqual([]);
    expect(book.wrong(KEY, wrong('a up, b up!', 'a down, b up!'), at(15))).toBeUndefined();
    expect(book.open()).toEqual([]);
  });

  test('is accused though each of two wrong beliefs is needed for every other answer only', () => {
    const book = new DriftBook();
    const answers = [wrong('a up!, b down', 'a up!, b up!'), wrong('a down, b up!', 'a up!, b up!')];
    const changes = [0, 5, 10, 15, 20].map((seconds, i) => book.wrong(KEY, answers[i % 2] ?? wrong(), at(seconds)));
    expect(changes.map((change) => change?.kind)).toEqual([undefined, undefined, undefined, 'opened', undefined]);
  });

  test('is innocent from the moment at which its belief fits what is seen', () => {
    const book = new DriftBook();
    book.wrong(KEY, wrong('a down!'), at(0));
    book.right(KEY, right('a down'), at(5));
    expect(book.wrong(KEY, wrong('a down!'), at(20))).toBeUndefined();
  });

  test('an absent check and one that is down are one belief', () => {
    const book = new DriftBook();
    book.wrong(KEY, wrong('a absent!'), at(0));
    expect(book.wrong(KEY, wrong('a down!'), at(20))).toMatchObject({ kind: 'opened' });
  });
});

describe('random answers', () => {
  test('that are right now and then do not clear a server whose belief gives them too', () => {
    const book = new DriftBook();
    book.wrong(KEY, wrong('a up!, b up'), at(0, 'a'));
    book.right(KEY, right('a down, b up', 'a up!, b up'), at(5, 'b'));
    expect(book.wrong(KEY, wrong('a up!, b up'), at(8, 'a'))).toBeUndefined();
    book.right(KEY, right('a down, b up', 'a up!, b up'), at(10, 'b'));
    expect(book.wrong(KEY, wrong('a up!, b up'), at(15, 'a'))).toMatchObject({ kind: 'opened' });
    expect(book.open()[0]?.observed).toEqual(new Map([['a', 3]]));
  });

  test('of a moment in which all were down accuse nobody of one that is down afterwards', () => {
    const book = new DriftBook();
    // Any of three is answered where all are down, so all that follows fits it too.
    const allDown = 'a down!, b down!, c down!';
    book.wrong(KEY, wrong('a down!, b down!, c up', allDown), at(0, 'c'));
    book.wrong(KEY, wrong('a down!, b up, c up', allDown), at(3, 'b'));
    book.right(KEY, right('a up, b up, c up', allDown), at(6, 'a'));
    for (const seconds of [9, 12, 15, 18]) {
      expect(book.wrong(KEY, wrong('a down!, b up, c up', allDown), at(seconds, 'b'))).toBeUndefined();
    }
    expect(book.right(KEY, right('a down, b up, c up', 'a up!, b up, c up'), at(21, 'b'))).toBeUndefined();
    expect(book.open()).toEqual([]);
  });

  test('from three targets, one dead and believed up, are a drift within minutes', () => {
    for (let seed = 0; seed < 50; seed++) {
      const book = new DriftBook();
      const next = seededUint32(seed);
      let openedAt = Number.POSITIVE_INFINITY;
      for (let seconds = 0; seconds < 600 && openedAt === Number.POSITIVE_INFINITY; seconds += 5) {
        if (next() % 3 === 0) {
          if (book.wrong(KEY, wrong('a up!, b up, c up'), at(seconds)) !== undefined) openedAt = seconds;
        } else book.right(KEY, right('a down, b up, c up', 'a up!, b up, c up'), at(seconds));
      }
      expect(openedAt).toBeLessThan(600);
    }
  });

  test('that were right eight times in a row end the suspicion', () => {
    const book = new DriftBook();
    book.wrong(KEY, wrong('a up!, b up'), at(0));
    for (let i = 1; i <= 8; i++) book.right(KEY, right('a down, b up', 'a up!, b up'), at(5 * i));
    expect(book.pending()).toEqual([]);
  });
});

test('two restarts that nobody saw are no long one, though random answers were right in between', () => {
  const book = new DriftBook();
  const coldOrNot = right('a up', 'a down!');
  book.wrong(KEY, wrong('a down!'), at(0));
  for (const seconds of [5, 10, 15]) book.right(KEY, coldOrNot, at(seconds));
  expect(book.wrong(KEY, wrong('a down!'), at(20))).toBeUndefined();
  expect(book.wrong(KEY, wrong('a down!'), at(25))).toBeUndefined();
  expect(book.wrong(KEY, wrong('a down!'), at(34))).toMatchObject({ kind: 'opened', drift: { sinceMs: 1_020_000 } });
});

describe('an answer that no belief explains', () => {
  test('is a drift at the second sighting with a reading of the records in between', () => {
    const book = new DriftBook();
    expect(book.wrong(KEY, wrong(), at(0))).toBeUndefined();
    expect(book.wrong(KEY, wrong(), at(5, 'x', { sourceReadAt: -S }))).toBeUndefined();
    expect(book.wrong(KEY, wrong(), at(10, 'x', { sourceReadAt: 6 * S }))).toMatchObject({ kind: 'opened' });
  });

  test('waits for caches and transfers', () => {
    const book = new DriftBook();
    const slow = { graceMicros: 30 * S };
    book.wrong(KEY, wrong(), at(0, 'x', slow));
    expect(book.wrong(KEY, wrong(), at(29, 'x', slow))).toBeUndefined();
    expect(book.wrong(KEY, wrong(), at(30, 'x', slow))).toMatchObject({ kind: 'opened' });
  });
});

describe('an open drift', () => {
  function opened(...beliefs: string[]): DriftBook {
    const book = new DriftBook();
    book.wrong(KEY, wrong(...beliefs), at(0));
    book.wrong(KEY, wrong(...beliefs), at(20));
    expect(book.open()).toHaveLength(1);
    return book;
  }

  test('is resolved by one answer that the wrong belief cannot give', () => {
    const book = opened('a down!');
    expect(book.right(KEY, right('a up'), at(25))).toMatchObject({
      kind: 'resolved',
      drift: { resolvedAtMs: 1_025_000 },
    });
    expect(book.open()).toEqual([]);
    expect(book.all()).toHaveLength(1);
  });

  test('is resolved by eight right answers in a row, no less', () => {
    const book = opened('a up!, b up');
    const explained = right('a down, b up', 'a up!, b up');
    for (let i = 1; i < 8; i++) expect(book.right(KEY, explained, at(20 + i))).toBeUndefined();
    book.wrong(KEY, wrong('a up!, b up'), at(28));
    for (let i = 1; i < 8; i++) expect(book.right(KEY, explained, at(28 + i))).toBeUndefined();
    expect(book.right(KEY, explained, at(36))).toMatchObject({ kind: 'resolved' });
  });

  test('does not end because the evidence wavers', () => {
    const book = opened('a down!');
    expect(book.right(KEY, right('a down'), at(25))).toBeUndefined();
    expect(book.open()).toHaveLength(1);
  });

  test('ends when its record is no longer watched', () => {
    const book = opened('a down!');
    expect(book.keepOnly(({ name }) => name !== KEY.name, 1_030_000)).toMatchObject([{ kind: 'resolved' }]);
  });

  test('tells what the server must believe', () => {
    expect(opened('a down!, b up').hypothesesOf('fra')).toEqual([[new Map([['a', DOWN]])]]);
    expect(opened('a down!').hypothesesOf('iad')).toEqual([]);
  });

  test('has an id of its own each time it is opened', () => {
    const book = opened('a down!');
    book.right(KEY, right('a up'), at(25));
    book.wrong(KEY, wrong('a down!'), at(30));
    book.wrong(KEY, wrong('a down!'), at(50));
    expect(book.all().map(({ id }) => id)).toEqual(['2', '1']);
  });
});

test('names in another case are the same drift, other clients and classes are not', () => {
  const book = new DriftBook();
  book.wrong(KEY, wrong('a down!'), at(0));
  expect(book.wrong({ ...KEY, client: 'eu' }, wrong('a down!'), at(20))).toBeUndefined();
  expect(book.wrong({ ...KEY, class: 'rcode' }, wrong('a down!'), at(20))).toBeUndefined();
  expect(book.wrong({ ...KEY, name: 'WWW.example.org.' }, wrong('a down!'), at(20))).toMatchObject({ kind: 'opened' });
});

test('resolved drifts are kept, newest first, and no more than 500', () => {
  const book = new DriftBook();
  for (let i = 0; i < 510; i++) {
    book.wrong(KEY, wrong('a down!'), at(100 * i));
    book.wrong(KEY, wrong('a down!'), at(100 * i + 20));
    book.right(KEY, right('a up'), at(100 * i + 30));
  }
  expect(book.all()).toHaveLength(500);
  expect(book.all()[0]?.id).toBe('510');
});
