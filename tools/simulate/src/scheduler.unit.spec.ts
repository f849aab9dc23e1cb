import { chanceOf } from './chance';
import { Scheduler } from './scheduler';

describe('the scheduler', () => {
  it('acts in the order of time, and at one moment in the order in which it was asked', () => {
    const scheduler = new Scheduler();
    const acted: string[] = [];
    for (const [atMs, name] of [
      [30, 'd'],
      [10, 'a'],
      [20, 'b'],
      [20, 'c'],
      [40, 'never'],
    ] as const)
      scheduler.at(atMs, () => acted.push(`${name} at ${scheduler.nowMs}`));
    scheduler.at(10, () => scheduler.after(5, () => acted.push(`later at ${scheduler.nowMs}`)));
    scheduler.runUntil(35);
    expect(acted).toEqual(['a at 10', 'later at 15', 'b at 20', 'c at 20', 'd at 30']);
    expect(scheduler.nowMs).toBe(35);
  });

  it('ends a run in which no time passes', () => {
    const scheduler = new Scheduler();
    const again = (): void => scheduler.after(0, again);
    again();
    expect(() => scheduler.runUntil(1, 1_000)).toThrow('did not come to 1 ms within 1000 acts');
  });
});

describe('chance', () => {
  it('depends on the seed and the key alone', () => {
    const chance = chanceOf(5);
    const answer = chance('lost', 3);
    chance('something else');
    expect(chance('lost', 3)).toBe(answer);
    expect(chanceOf(6)('lost', 3)).not.toBe(answer);
    expect(chance('a', 'bc')).not.toBe(chance('ab', 'c'));
  });

  it('is even', () => {
    const answers = Array.from({ length: 20_000 }, (_, index) => chanceOf(index)('key', index % 7));
    for (const part of [0.1, 0.5, 0.9]) expect(answers.filter((answer) => answer < part).length / answers.length).toBeCloseTo(part, 1);
  });
});
