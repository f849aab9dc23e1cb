import type { Fault } from './fault.plan';
import { planStorm } from './storm.plan';
import { fullScale, shortScale, walkScale } from './storm.scale';

const copies = ['gateway', 'fulfillment', 'fulfillment-2', 'subscription', 'subscription-2'];

const overlapping = (faults: Fault[]) =>
  faults.filter(({ atMs }, index) => index > 0 && atMs < faults[index - 1]!.atMs + faults[index - 1]!.forMs);

describe('the plan of a storm', () => {
  it('comes from its seed alone', () => {
    expect(planStorm(7, shortScale, copies)).toEqual(planStorm(7, shortScale, copies));
    expect(planStorm(7, shortScale, copies)).not.toEqual(planStorm(8, shortScale, copies));
  });

  it.each([1, 2, 3, 4, 5])('hurts every part and does everything in ten minutes, and nothing after them (seed %i)', (seed) => {
    const { purchases, acts, decisions, faults } = planStorm(seed, fullScale(10), copies);
    expect(purchases).toHaveLength(50);
    expect(new Set(acts.map(({ kind }) => kind)).size).toBe(5);
    expect(new Set(purchases.map(({ offer }) => offer)).size).toBe(5);
    expect(new Set(acts.map(({ opinion }) => opinion))).toEqual(new Set([undefined, 'allows', 'vetoes', 'is-slow', 'is-silent', 'lies']));
    expect(new Set(decisions.map(({ decision }) => decision)).size).toBe(2);
    expect(decisions.map(({ subscription }) => purchases[subscription]!.offer)).toEqual(
      purchases.map(({ offer }) => offer).filter((offer) => offer === 'reviewed'),
    );
    expect(new Set(acts.map(({ subscription }) => subscription)).size).toBe(50);
    expect(new Set(faults.services.map(({ part }) => part))).toEqual(new Set(copies));
    const all = [...faults.services, ...faults.foundations];
    for (const part of ['kafka', 'postgres'])
      expect(new Set(all.filter((fault) => fault.part === part).map(({ how }) => how)).size).toBe(2);
    const endMs = 10 * 60_000;
    expect([
      ...[...acts, ...decisions].filter(({ atMs }) => atMs > endMs),
      ...all.filter(({ atMs, forMs }) => atMs + forMs > endMs),
    ]).toEqual([]);
    expect([...overlapping(faults.services), ...overlapping(faults.foundations)]).toEqual([]);
  });

  it('keeps within the seats of every plan', () => {
    const quantities = planStorm(3, fullScale(10), copies).acts.flatMap(({ body: { quantity } }) => quantity ?? []);
    expect(Math.min(...quantities)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...quantities)).toBeLessThanOrEqual(100);
  });

  it('makes a walk of two thousand acts from both sides and two kills of each service', () => {
    const { purchases, acts, requests, decisions, faults, sweepsMs } = planStorm(1, walkScale, copies);
    expect(purchases).toHaveLength(50);
    expect(acts.length + requests.length + decisions.length).toBeGreaterThanOrEqual(2_000);
    expect(requests.length).toBeGreaterThan(500);
    expect(new Set(requests.map(({ kind }) => kind)).size).toBe(3);
    expect(
      Object.entries(Object.groupBy(faults.services, ({ part }) => part.replace(/-\d+$/, ''))).map(([name, kills = []]) => [
        name,
        kills.length,
      ]),
    ).toEqual(expect.arrayContaining(['gateway', 'fulfillment', 'subscription'].map((name) => [name, 2])));
    expect([...faults.services.filter(({ how }) => how !== 'kill'), ...faults.foundations]).toEqual([]);
    expect(sweepsMs).toEqual([120_000, 240_000]);
  });
});
