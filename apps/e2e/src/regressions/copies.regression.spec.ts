import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from '../eventually';
import { theSystem } from '../system';
import { HurtSystem } from './hurt.system';

jest.setTimeout(600_000);

describe('several copies', () => {
  const landfall = theSystem({ COPIES: 'subscription:2,fulfillment:2' });
  const system = new HurtSystem(landfall);

  // The kernel of a frozen process goes on answering for its connections. That a host vanishes whole is not shown here.
  it.each(['subscription', 'fulfillment'])(
    'go on when %s is frozen: it is killed when it has not been live for half a minute, and the other one takes over what it held',
    async (name) => {
      const id = await landfall.activeSubscription();
      const { [name]: frozen } = system.pids();
      landfall.system.freeze(name);
      try {
        await system.works(id, 41);
        await system.works(id, 42);
        await eventually(() => expect(system.log()).toContain(`${name} has not been live for 30 s: it is killed`));
        await eventually(() => expect(system.pids()[name]).not.toBe(frozen));
      } finally {
        landfall.system.thaw(name);
      }
      await system.works(id, 43);
    },
  );

  // Whether a freeze meets a send is chance; a late write itself is made in read.back.int.spec.ts of libs/messaging
  it('keep every event in order and end with the newest snapshot, though one or the other is frozen again and again', async () => {
    const ids = [await landfall.activeSubscription(), await landfall.activeSubscription()];
    for (let round = 0; round < 12; round++) {
      const frozen = round % 2 === 0 ? 'subscription' : 'subscription-2';
      const acts = ids.map((id) => landfall.microsoft.act(id, 'change-quantity', { quantity: 50 + round }));
      await wait(round * 40); // each time at another moment of its work
      landfall.system.freeze(frozen);
      await endSessionsOfSubscription(); // or it would hold its partitions for as long as it lives
      await Promise.all(acts);
      await wait(3_000);
      landfall.system.thaw(frozen);
      for (const id of ids)
        await eventually(async () => expect(await landfall.record(id)).toMatchObject({ quantity: 50 + round, openOperations: [] }));
    }
    for (const id of ids) {
      await eventually(() => {
        const [newest, last] = [landfall.topics.events(id).at(-1)!, landfall.topics.lastSnapshot(id)!];
        expect(last).toMatchObject({ sequence: newest.sequence, data: { quantity: 61 } });
        expect(landfall.topics.events(id).map(({ sequence }) => sequence)).toEqual(landfall.topics.events(id).map((_, index) => index + 1));
      });
    }
  });

  function endSessionsOfSubscription(): Promise<unknown> {
    return system.asAdministrator((client) =>
      client.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'landfall_subscription'"),
    );
  }
});
