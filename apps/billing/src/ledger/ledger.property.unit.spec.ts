import fc from 'fast-check';
import { LedgerRun, type Step } from '../testing/ledger.run';

/** So that what fails for one commit fails again for it. */
fc.configureGlobal({ seed: 1 });

const fate = fc.constantFrom('answered', 'answered', 'answered', 'lost-after', 'lost-before', 'away' as const);
const used = fc.record({
  kind: fc.constant('used' as const),
  minutesAgo: fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 90 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 3_000 }) },
  ),
  quantity: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 60 }).map(String) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 9_999_999 }).map((micros) => (micros / 1e6).toFixed(6)) },
    { weight: 1, arbitrary: fc.integer({ min: -40, max: -1 }).map(String) },
  ),
});
const waits = fc.record({
  kind: fc.constant('waits' as const),
  minutes: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 5, max: 90 }) },
    { weight: 1, arbitrary: fc.integer({ min: 90, max: 2_400 }) },
  ),
  fates: fc.array(fate, { minLength: 1, maxLength: 4 }),
});
const becomes = fc.record({
  kind: fc.constant('becomes' as const),
  status: fc.constantFrom('Subscribed', 'Subscribed', 'Subscribed', 'Suspended', 'Unsubscribed' as const),
  planId: fc.constantFrom('silver', 'gold'),
  learntAfterMinutes: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 600 })),
});
const turns = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 1 }) },
  { weight: 1, arbitrary: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 3, maxLength: 3 }) },
);
const operates = fc.record({
  kind: fc.constant('operates' as const),
  act: fc.constantFrom('confirm', 'write-off'),
  place: fc.nat(9),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: used },
  { weight: 6, arbitrary: waits },
  { weight: 2, arbitrary: becomes },
  { weight: 1, arbitrary: fc.constant({ kind: 'reads usage' as const }) },
  { weight: 1, arbitrary: operates },
);

const runs = Number(process.env['LEDGER_RUNS'] ?? 10_000);

it(`has every unit once, one event per key, and never more charged than was recorded, in every step of ${runs} lives beside a modelled Microsoft`, () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.boolean(),
      turns,
      fc.array(step, { minLength: 5, maxLength: 40 }),
      (looksUpFirst, holdsAnomalies, hours, steps) => new LedgerRun(looksUpFirst, holdsAnomalies, hours).play(steps),
    ),
    { numRuns: runs },
  );
});
