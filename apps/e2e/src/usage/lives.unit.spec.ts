import { planLives } from './lives';
import { month, threeDays } from './usage.scale';

const scales = [
  ['three days', threeDays],
  ['a month', month(20, 30)],
] as const;

describe.each(scales)('the lives of %s', (_, scale) => {
  const lives = planLives(7, scale);

  it('are the same from the same seed', () => {
    expect(planLives(7, scale)).toEqual(lives);
    expect(planLives(8, scale)).not.toEqual(lives);
  });

  it('use nothing near the beginning of a step, when Microsoft acts, and send each record in the run', () => {
    const minutes = lives.flatMap(({ records }) => records.map(({ at }) => Math.round((at % 1) * 60)));
    expect([Math.min(...minutes), Math.max(...minutes)]).toEqual([14, 50]);
    const sent = lives.flatMap(({ records }) => records.map(({ sentIn }) => sentIn));
    expect(Math.max(...sent)).toBe(scale.steps - 1);
  });

  it('end, or leave a plan, in time before Microsoft refuses usage, or after it', () => {
    const { from, to } = scale.refusing;
    const acts = lives.flatMap((life) => life.acts.filter(({ act }) => act === 'unsubscribe' || act === 'change-plan'));
    expect(acts.length).toBeGreaterThan(2);
    for (const { step } of acts) expect(step < from - 1 || step > to).toBe(true);
  });
});

it('are of ten kinds', () => {
  expect(new Set(planLives(1, threeDays).map(({ kind }) => kind)).size).toBe(10);
});
