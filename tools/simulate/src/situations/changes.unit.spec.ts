import { minute, second } from '../time';
import { play } from './situation';

/** The situations that any implementation has to get right, by their numbers: what is not here comes with own changes, refusals and reconciliation. */
describe('a change of plan', () => {
  const toB = { kind: 'ChangePlan', plan: 'B' } as const;
  const toC = { kind: 'ChangePlan', plan: 'C' } as const;

  it('T2: two of them while copies still show the plan before both: neither is taken back', () => {
    const { told, violations } = play({
      acts: [
        [100, toC],
        [140, toB],
      ],
      copiesAreOld: () => 60,
    });
    expect(told('plan')).toEqual([
      { to: 'C', by: 1 },
      { to: 'B', by: 2 },
    ]);
    expect(violations).toEqual([]);
  });

  it('T3: one whose webhook comes after a newer one has been applied is history only', () => {
    const { told, violations } = play({
      acts: [
        [100, toC, { deliveriesMs: [100 * second] }],
        [140, toB],
      ],
      copiesAreOld: () => 60,
    });
    expect(told('plan')).toEqual([{ to: 'B', by: 2 }]);
    expect(violations).toEqual([]);
  });

  it('T5: one that stays open for ever is taken from the next read, and is not waited for longer than ten minutes', () => {
    const { toldAt, run, violations } = play({ acts: [[100, toB, { isShownOpenForEver: true }]], options: { restMs: 15 * minute } });
    expect(toldAt('plan', 'B')).toBeLessThan(100 + 10 + 10);
    expect(run.waits).toEqual([]);
    expect(violations).toEqual([]);
  });

  it('T7: one that Microsoft never shows, and whose effect every copy shows two minutes later, is applied by the last look', () => {
    const { toldAt, violations } = play({ acts: [[100, toB, { shownFromMs: Infinity }]], copiesAreOld: () => 120 });
    expect(toldAt('plan', 'B')).toBeGreaterThan(100 + 120);
    expect(toldAt('plan', 'B')).toBeLessThan(100 + 150 + 10);
    expect(violations).toEqual([]);
  });

  it('T10: one that a suspension has overtaken, and that is called Succeeded all the same, is not told', () => {
    const { told, violations } = play({
      acts: [
        [100, toB, { shownFromMs: 4 * second, isCalledSucceededWhenOvertaken: true }],
        [102, { kind: 'Suspend' }, { deliveriesMs: [] }],
      ],
    });
    expect(told('plan')).toEqual([]);
    expect(told('status')).toEqual([{ to: 'Suspended', by: null }]);
    expect(violations).toEqual([]);
  });

  it('T15: what a late webhook’s operation made is not told to come from one that takes a refused change back', () => {
    const { told, violations } = play({
      acts: [
        [100, toB, { deliveriesMs: [300 * second] }],
        [150, { kind: 'Revert', action: 'ChangePlan' }, { endsUnchangedAs: 'Conflict' }],
      ],
    });
    expect(told('plan')).toEqual([{ to: 'B', by: null }]);
    expect(violations).toEqual([]);
  });

  it('T18: one that Microsoft shows only 6.5 s after its webhook is acknowledged within the ten seconds', () => {
    const { run } = play({ acts: [[100, toB, { shownFromMs: 7 * second }]] });
    expect(run.operations[0]!.patchedAtMs).toBeGreaterThan(107 * second);
    expect(run.operations[0]!.patchedAtMs).toBeLessThan(110 * second);
  });

  it('T20: a closing read that leaves the plan out is made again, and only then the plan can be read', () => {
    const { told, violations } = play({
      acts: [
        [100, toB],
        [200, toC, { deliveriesMs: [] }],
      ],
      leavesOut: (at) => (at > 200 && at < 300 ? ['plan'] : []),
    });
    expect(told('plan')).toEqual([
      { to: 'B', by: 1 },
      { to: 'C', by: null },
    ]);
    expect(violations).toEqual([]);
  });

  it.each([
    { rules: 'none', isHeld: 'not held' },
    { rules: 'limits', isHeld: 'held' },
  ] as const)(
    'one that is never shown, and whose answer, $isHeld, does not arrive for minutes, is found when Microsoft has it',
    ({ rules }) => {
      const { told, violations } = play({
        rules,
        acts: [[100, toB, { shownFromMs: Infinity, endsAfter: 'its answer', answersLost: 6 }]],
        options: { copyLagMs: minute },
      });
      expect(told('plan')).toEqual([{ to: 'B', by: 1 }]);
      expect(violations).toEqual([]);
    },
  );
});
