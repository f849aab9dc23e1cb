import { setTimeout as wait } from 'node:timers/promises';
import { roleOf, serviceNames } from '@landfall/local';
import { eventually } from '../eventually';
import { theSystem } from '../system';
import { HurtSystem } from './hurt.system';

jest.setTimeout(600_000);

describe('a database', () => {
  const landfall = theSystem();
  const system = new HurtSystem(landfall);
  let id: string;
  let before: Record<string, number>;

  beforeAll(async () => {
    id = await landfall.activeSubscription();
    await system.works(id, 2);
    before = system.pids();
  });

  /** A webhook that is known already has to be looked up all the same. */
  async function answerToWebhook(): Promise<number | undefined> {
    const [delivery] = await landfall.microsoft.deliveries(id);
    return landfall.microsoft.redeliver(delivery!.id);
  }

  /** Where a commit was under way when the database went, its answer is still 200. `undefined`: nothing came within Microsoft's ten seconds. */
  async function isRefusedInTime(): Promise<void> {
    let [status, tookMs]: [number | undefined, number] = [200, 0];
    for (let tries = 0; tries < 20 && status === 200; tries++) {
      const startedAt = performance.now();
      status = await answerToWebhook();
      tookMs = performance.now() - startedAt;
    }
    expect(status).toBe(503);
    expect(tookMs).toBeLessThan(9_000);
  }

  it('that hangs has webhooks answered 503 in time, says so by readiness, restarts nothing, and is used at once when it is back', async () => {
    landfall.system.freeze('postgres');
    try {
      for (let round = 0; round < 3; round++) await isRefusedInTime();
      await eventually(async () => expect(await system.health('gateway', 'ready')).toBe(503));
      await wait(40_000); // liveness kills after half a minute
      await isRefusedInTime();
      expect(system.pids()).toEqual(before);
    } finally {
      landfall.system.thaw('postgres');
    }
    await eventually(async () => expect(await answerToWebhook()).toBe(200));
    await system.works(id, 3);
    expect(system.pids()).toEqual(before);
  });

  it('that was killed and comes back is used at once, and nothing is restarted but the database', async () => {
    await landfall.system.kill('postgres');
    await isRefusedInTime();
    await wait(10_000);
    await landfall.system.restart('postgres');
    await eventually(async () => expect(await answerToWebhook()).toBe(200));
    await system.works(id, 4);
    expect(system.pids()).toEqual(before);
  });

  it('that was read-only for a while, as after a fail-over, is used at once when it can be written, though the sessions of that time live', async () => {
    const roles = serviceNames.map(roleOf);
    const forEachRole = (statement: (role: string) => string) =>
      system.asAdministrator(async (client) => {
        for (const role of roles) await client.query(statement(role));
      });
    await forEachRole((role) => `alter role ${role} set default_transaction_read_only = on`);
    try {
      await endSessionsOf(roles);
      await isRefusedInTime();
      await eventually(async () => expect(await system.health('gateway', 'ready')).toBe(503));
      await wait(5_000); // the pools fill with sessions that can only read, and keep that for as long as they live
    } finally {
      await forEachRole((role) => `alter role ${role} reset default_transaction_read_only`);
    }
    await eventually(async () => expect(await answerToWebhook()).toBe(200));
    await eventually(async () => expect(await system.health('gateway', 'ready')).toBe(200));
    await system.works(id, 5);
    expect(system.pids()).toEqual(before);
  });

  function endSessionsOf(roles: string[]): Promise<unknown> {
    return system.asAdministrator((client) =>
      client.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = any($1)', [roles]),
    );
  }
});
