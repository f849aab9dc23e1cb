import { serviceNames } from '@landfall/local';
import { eventually } from './eventually';
import { LoadBalancer } from './load-balancer';
import { theSystem } from './system';

jest.setTimeout(300_000);

/** As long as the balancer may take to notice that a copy is going. */
const stopDelay = 'PT5S';
const copiesOfEach = Number(process.env['ROLLING_COPIES'] ?? '2');
const copies = serviceNames.map((service) => `${service}:${copiesOfEach}`);
const plans = ['gold', 'silver'];
/** Microsoft sends on, whatever happens. */
const pauseMs = 100;

/** An upgrade without anybody noticing: every copy of every service is stopped and started again, one copy of each at a time, while Microsoft goes on. ROLLING_COPIES says how many there are. */
describe('a rolling restart of all services, in several copies, behind a load balancer', () => {
  const landfall = theSystem({ COPIES: copies.join(','), STOP_DELAY: stopDelay }, { secured: true });
  const balancer = new LoadBalancer(() => landfall.system.run.services.filter(({ service }) => service === 'gateway'));
  afterAll(() => balancer.stop());

  it('answers every webhook with 200 or 503, loses and doubles nothing, and keeps their order', async () => {
    const ids = await Promise.all(Array.from({ length: 3 }, () => landfall.activeSubscription({ planId: 'silver' })));
    await landfall.microsoft.set({ webhookUrl: `${await balancer.start()}/webhook` });
    const traffic = new AbortController();
    const sending = Promise.all(ids.map((id) => changes(id, traffic.signal)));
    try {
      for (const wave of waves()) await Promise.all(wave.map((name) => landfall.system.restart(name)));
    } finally {
      traffic.abort();
    }
    const made = await sending;

    for (const [at, id] of ids.entries()) {
      await eventually(async () => {
        const truth = await landfall.microsoft.truth(id);
        expect(truth.operations.filter(({ status }) => status === 'InProgress')).toEqual([]);
        expect(await landfall.record(id)).toMatchObject({ planId: truth.planId, openOperations: [] });
      });
      const deliveries = await landfall.microsoft.deliveries(id);
      const answers = deliveries.map(({ answer }) => answer?.status);
      expect(answers.filter((status) => status !== 200 && status !== 503 && status !== undefined)).toEqual([]); // a busy machine may be silent for ten seconds
      const succeeded = (await landfall.microsoft.truth(id)).operations.filter(
        ({ action, status }) => action === 'ChangePlan' && status === 'Succeeded',
      );
      expect(made[at]).toBeGreaterThan(5); // else there was no traffic to speak of
      await eventually(() => expect(landfall.topics.kinds(id).filter((kind) => kind === 'plan-changed')).toHaveLength(succeeded.length));
      expect(landfall.topics.events(id).map(({ sequence }) => sequence)).toEqual(landfall.topics.events(id).map((_, index) => index + 1));
    }
    expect(balancer.ownAnswers).toBe(0);
    expect(await landfall.dead()).toEqual([]);
  });

  /** The first copies of all services, then the second ones: each service is rolled by itself. */
  function waves(): string[][] {
    const byService = Object.values(Object.groupBy(landfall.system.run.services, ({ service }) => service));
    return Array.from({ length: copiesOfEach }, (_, wave) => byService.flatMap((of) => of?.[wave]?.name ?? []));
  }

  /** One change after the other, there and back; gives how many there were. */
  async function changes(id: string, stopping: AbortSignal): Promise<number> {
    let made = 0;
    while (!stopping.aborted) {
      const started = await landfall.microsoft.tryTo(id, 'change-plan', { planId: plans[made % 2] });
      if ('operationId' in started) made += 1;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    return made;
  }
});
