import { campaign } from './campaign';
import { check } from './checker/check';
import { isAvoidable } from './checker/violation';
import { allFaults, noFaults } from './microsoft/faults';
import { report } from './report';
import { simulate } from './run';
import { drawnScenario } from './scenario/scenario';
import { shrink } from './scenario/shrink';

describe('a run', () => {
  it('is the same each time, whatever was run before it', () => {
    const first = simulate(drawnScenario(7), { keepsTrace: true });
    simulate(drawnScenario(8));
    expect(simulate(drawnScenario(7), { keepsTrace: true }).trace).toEqual(first.trace);
  });

  it('leaves the fate of the other operations as it was when an act is taken out', () => {
    const scenario = drawnScenario(11);
    const fates = (acts: typeof scenario.acts) =>
      new Map(simulate({ ...scenario, acts }).operations.map(({ id, fate }) => [id, JSON.stringify(fate)]));
    const whole = fates(scenario.acts);
    const smaller = fates(scenario.acts.slice(1));
    const kept = [...smaller].filter(([id]) => whole.has(id));
    expect(kept.length).toBeGreaterThan(1);
    expect(kept.map(([id, fate]) => [id, fate === whole.get(id)])).toEqual(kept.map(([id]) => [id, true]));
  });

  it('goes wrong where copies lag longer than COPY_LAG says, and shrinks to what that takes', () => {
    const lagging = { ...allFaults, subscriptionLagMs: 600_000 };
    const seeds = Array.from({ length: 300 }, (_, index) => index + 1);
    const seed = seeds.find((one) => check(simulate(drawnScenario(one, lagging))).some(isAvoidable));
    expect(seed).toBeDefined();
    const scenario = drawnScenario(seed!, lagging);
    const { kind } = check(simulate(scenario)).find(isAvoidable)!;
    const smallest = shrink(scenario, kind);
    expect(check(simulate(smallest)).map((violation) => violation.kind)).toContain(kind);
    expect(smallest.acts.length).toBeLessThanOrEqual(scenario.acts.length);
    expect(smallest.faults.subscriptionLagMs).toBe(600_000);
    expect({ ...smallest.faults, subscriptionLagMs: 0 }).not.toEqual({ ...allFaults, subscriptionLagMs: 0 });
  });

  it('converges in seconds where nothing goes wrong', () => {
    for (let seed = 1; seed <= 50; seed++) expect(check(simulate(drawnScenario(seed, noFaults)))).toEqual([]);
  });
});

describe('1,000 runs', () => {
  it('end with a record that equals Microsoft’s subscription, without a false event, and without a wait', () => {
    const made = campaign(1, 1_000);
    expect(report(made)).toMatch(/^1000 runs, seeds 1 to 1000: \d+ changes at Microsoft/);
    const avoidable = [...made.violations].filter(([kind]) => isAvoidable({ kind }));
    expect(avoidable.map(([kind, { seeds }]) => `${kind}: npm run simulate -- --show ${seeds[0]}`)).toEqual([]);
    expect(made.totals.changes).toBeGreaterThan(2_500); // or the scenarios have become empty
    expect(made.totals.events).toBeGreaterThan(2_500);
    expect(made.totals.activated).toBeGreaterThan(50);
    expect(made.totals.refused).toBeGreaterThan(50);
    expect(made.totals.overruled).toBeGreaterThan(2);
  }, 600_000);
});
