import fc from 'fast-check';
import { gatewayEvents } from '@landfall/contracts';
import { effectsOf } from './delivery';
import { readNotification } from './webhook.notification';

fc.configureGlobal({ seed: 1 });

const id = '74dfb4db-c193-4891-827d-eb05fbdc64b0';
const odd = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 250 }),
  fc.constantFrom('', ' ', '\u0000', '\ud800', 'x'.repeat(200), '__proto__', 'NaN'),
  fc.jsonValue(),
  fc.double(),
);
const instant = fc.oneof(
  odd,
  fc.constantFrom('9999-12-31T23:59:59.9999999-14:00', '0000-01-01T00:00:00Z', '2024-02-30T25:61:61Z', '2000-01-01T00:00:00+23:59'),
  fc
    .tuple(fc.date({ noInvalidDate: true }), fc.constantFrom('Z', '', '+01:00', '-23:59'))
    .map(([date, zone]) => date.toISOString().replace('Z', zone)),
);
const quantity = fc.oneof(odd, fc.constantFrom('2147483647', '2147483648', '9999999999', -0, 1e21, ' 5 '));
const action = fc.oneof(odd, fc.constantFrom('ChangePlan', 'ChangeQuantity', 'Suspend'));
const members = fc.record({ planId: odd, quantity, publisherId: odd, offerId: odd });
const payload = fc.record(
  {
    ...{ id: fc.oneof(odd, fc.constantFrom(id, id.toUpperCase())), subscriptionId: fc.oneof(odd, fc.constant(id)) },
    ...{ action, operationType: action, planId: odd, quantity, timeStamp: instant, operationRequestSource: odd },
    subscription: fc.oneof(odd, members, fc.record({ id: fc.constant(id), planId: odd })),
  },
  { requiredKeys: [] },
);

/** One that breaks its contract would be a dead letter, and hold up whatever comes for its subscription. */
it('whatever an authentic body says, what is published about it keeps its contract', () => {
  const receivedAt = new Date('2024-02-10T18:48:58.444Z');
  let published = 0;
  fc.assert(
    fc.property(fc.oneof({ weight: 9, arbitrary: payload }, { weight: 1, arbitrary: fc.jsonValue() }), (said) => {
      const read = readNotification(Buffer.from(JSON.stringify(said) ?? ''));
      for (const effect of effectsOf({ id, registration: 'default', receivedAt, ...read })) {
        const { type, data } = JSON.parse(JSON.stringify(effect)) as { type: string; data: unknown };
        expect(gatewayEvents.definitions.get(type as never)!.schema.safeParse(data).error?.issues).toBeUndefined();
        published += 1;
      }
    }),
    { numRuns: 1_000 },
  );
  expect(published).toBeGreaterThan(100);
});
