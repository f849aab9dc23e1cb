import { Logger } from '@nestjs/common';
import { ledgerApp } from '../testing/ledger.app';

const { app, subscribed, round } = ledgerApp();

const counted = async () => (await app.sent()).filter(({ type }) => type === 'landfall.billing.usage-counted.v1');
const wrong = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);

beforeEach(() => wrong.mockClear());

it('counts and tells a sum of more than 18 digits, and what others used beside it', async () => {
  const [many, other] = [await subscribed(), await subscribed()];
  for (let record = 0; record < 2; record += 1) await many.used('600000000000000000'); // as 1,200 legal records
  await other.used('7');
  await round();
  expect(await counted()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ key: many.subscriptionId, data: expect.objectContaining({ usedInTerm: '1200000000000000000' }) }),
      expect.objectContaining({ key: other.subscriptionId, data: expect.objectContaining({ usedInTerm: '7' }) }),
    ]),
  );
});
