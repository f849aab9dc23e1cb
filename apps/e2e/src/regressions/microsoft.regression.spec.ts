import { setTimeout as wait } from 'node:timers/promises';
import { Outage } from '../outage';
import { theSystem } from '../system';

jest.setTimeout(900_000);

const awayMs = 300_000;

describe('Microsoft', () => {
  const landfall = theSystem();
  const outage = new Outage(landfall, () => ({ registration: 'default', offerId: landfall.system.run.emulator!.perSeatOfferId }));

  it('is away for five minutes, with its identity service: all work waits, somebody is told once, and then it is done once', async () => {
    await outage.begin();
    await landfall.system.kill('marketplace-emulator');
    await wait(awayMs);
    expect(await outage.timesTold()).toBe(1);
    await landfall.system.restart('marketplace-emulator'); // it still resets connections
    await outage.everythingWaits();
    await outage.end();
    await outage.everythingIsDoneOnce();
  });
});
