import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from '../eventually';
import { theSystem } from '../system';
import { HurtSystem } from './hurt.system';

jest.setTimeout(600_000);

/** Longer than any limit of liveness that was ever set: whatever counts silence for a minute has counted it. */
const longMs = 75_000;

describe('a broker that is frozen for over a minute', () => {
  const landfall = theSystem();
  const system = new HurtSystem(landfall);

  it('has nothing restarted: webhooks are stored meanwhile, and flow when it is back', async () => {
    const id = await landfall.activeSubscription();
    const before = system.pids();
    landfall.system.freeze('kafka');
    try {
      await landfall.microsoft.act(id, 'suspend');
      await eventually(async () => expect((await landfall.microsoft.deliveries(id)).at(-1)?.answer?.status).toBe(200));
      await wait(longMs);
      expect(system.pids()).toEqual(before);
      for (const name of Object.keys(before)) expect([name, await system.health(name, 'live')]).toEqual([name, 200]);
      expect(await system.health('gateway', 'ready')).toBe(200);
    } finally {
      landfall.system.thaw('kafka');
    }
    await eventually(() => expect(landfall.topics.kinds(id).at(-1)).toBe('suspended'));
    await landfall.microsoft.act(id, 'reinstate');
    await eventually(() => expect(landfall.topics.kinds(id).at(-1)).toBe('reinstated'));
    await system.works(id, 17);
    expect(system.pids()).toEqual(before);
    expect(system.log()).not.toMatch(/is started again/);
  });
});
