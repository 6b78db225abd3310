import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualClock } from './virtual-clock.ts';

test('tasks run in the order of their times, and of their asking where times are equal', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 200 }), (times) => {
      const clock = new VirtualClock();
      const ran: [number, number][] = [];
      for (const [i, time] of times.entries()) clock.at(time, () => ran.push([clock.now(), i]));
      clock.run(100);
      const expected = times.map((time, i): [number, number] => [time, i]).sort(([a, i], [b, j]) => a - b || i - j);
      expect(ran).toEqual(expected);
    }),
  );
});

test('a task that is cancelled does not run, also when another task of the same time cancels it', () => {
  const clock = new VirtualClock();
  const ran: string[] = [];
  const tasks: { cancel(): void }[] = [];
  clock.at(5, () => tasks[0]?.cancel());
  tasks.push(clock.at(5, () => ran.push('cancelled')));
  clock.at(5, () => ran.push('kept'));
  clock.run(10);
  expect(ran).toEqual(['kept']);
});

test('a task asked for in the past runs at once, but never while it is asked for', () => {
  const clock = new VirtualClock();
  clock.run(100);
  let ranAt = -1;
  clock.at(3, () => {
    ranAt = clock.now();
  });
  expect(ranAt).toBe(-1);
  clock.run(100);
  expect(ranAt).toBe(100);
});

test('tasks asked for by tasks run in the same run when they are due', () => {
  const clock = new VirtualClock();
  const ran: number[] = [];
  const again = (): void => {
    ran.push(clock.now());
    clock.at(clock.now() + 10, again);
  };
  clock.at(0, again);
  clock.run(35);
  expect(ran).toEqual([0, 10, 20, 30]);
  expect(clock.now()).toBe(35);
});

test('time does not go back', () => {
  const clock = new VirtualClock();
  clock.run(50);
  clock.run(10);
  expect(clock.now()).toBe(50);
});

test('the clock on the wall moves with the time, and by itself', () => {
  const clock = new VirtualClock(1000);
  clock.run(50);
  expect(clock.wall()).toBe(1050);
  clock.stepWall(-500);
  expect([clock.now(), clock.wall()]).toEqual([50, 550]);
});
