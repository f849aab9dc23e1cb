import { existsSync, readFileSync } from 'node:fs';
import { serviceNames, serviceOf } from '@landfall/local';
import { Client } from 'pg';
import { eventually } from '../eventually';
import { ada, type SystemUnderTest } from '../system';

const schemas = serviceNames.map((name) => serviceOf(name).schema);

/** With the older part of a log that has grown large. */
function logOf(file: string): string {
  const parts = [`${file}.1`, file].filter((part) => existsSync(part));
  return parts.map((part) => readFileSync(part, 'utf8')).join('');
}

export function secrecyJourneys(landfall: SystemUnderTest): void {
  /** One person opens thirty purchases an hour at most, and the journeys before have opened as many as one. */
  beforeAll(async () => {
    const gateway = new Client({ connectionString: landfall.databaseUrlOf('gateway') });
    await gateway.connect();
    await gateway.query(`update gateway.purchases set opened_at = opened_at - interval '1 hour'`);
    await gateway.end();
  });

  it('no purchase token, access token, e-mail or name stands in a log or on a topic, in clear', async () => {
    const { subscriptionId, landingUrl } = await landfall.microsoft.sell();
    const customer = await landfall.browser.customer();
    await customer.arrive(landingUrl, ada.email);
    await customer.fillForm({ name: 'Augusta Byron', email: 'augusta.byron@fabrikam.example' });
    await customer.confirm();
    await eventually(async () => expect(await landfall.record(subscriptionId)).toMatchObject({ access: 'full' }));
    await landfall.microsoft.act(subscriptionId, 'change-plan', { planId: 'gold' });
    await eventually(() => expect(landfall.topics.kinds(subscriptionId)).toContain('plan-changed'));
    await customer.leave();

    const token = new URL(landingUrl).searchParams.get('token')!;
    const secrets = [
      token,
      encodeURIComponent(token),
      token.slice(0, 40),
      ada.email,
      ada.name,
      'Augusta',
      'augusta.byron',
      'eyJ0eXAiOiJKV1Qi', // how an access token begins
      landfall.system.run.emulator!.clientSecret,
    ];
    const logs = landfall.system.run.services.map(({ name }) => [name, logOf(landfall.system.logFile(name))] as const);
    for (const [name, log] of logs) expect([name, log.length > 0]).toEqual([name, true]);
    expect(landfall.topics.broken).toEqual([]);
    expect(landfall.topics.raw.length).toBeGreaterThan(5);
    const places = [...logs, ...landfall.topics.raw.map((value, index) => [`message ${index}`, value] as const)];
    const found = places.flatMap(([place, text]) => secrets.filter((secret) => text.includes(secret)).map((secret) => [place, secret]));
    expect(found).toEqual([]);
    expect(logs.some(([, log]) => /Bearer [A-Za-z0-9]/.test(log))).toBe(false);
  });

  it('every service comes to its database encrypted', async () => {
    const client = new Client({ connectionString: landfall.administratorUrl() });
    await client.connect();
    const { rows } = await client.query<{ name: string; isEncrypted: boolean }>(
      `select a.application_name as name, bool_and(s.ssl) as "isEncrypted" from pg_stat_ssl s join pg_stat_activity a using (pid)
        where a.application_name = any($1) group by a.application_name`,
      [serviceNames.flatMap((name) => [name, `${name} relay`])],
    );
    await client.end();
    expect(rows.filter(({ isEncrypted }) => !isEncrypted)).toEqual([]);
    expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining([...serviceNames]));
  });

  it.each(serviceNames)('the database role of %s reads no other schema, and makes no table', async (service) => {
    const { schema: own } = serviceOf(service);
    const client = new Client({ connectionString: landfall.databaseUrlOf(service) });
    await client.connect();
    try {
      const tables = await client.query<{ schema: string; name: string }>(
        `select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p') and n.nspname = any($1)`,
        [schemas],
      );
      const foreign = tables.rows.filter(({ schema }) => schema !== own);
      expect(new Set(foreign.map(({ schema }) => schema)).size).toBe(schemas.length - 1);
      for (const { schema, name } of foreign) {
        await expect(client.query(`select * from ${schema}.${name} limit 1`)).rejects.toMatchObject({ code: '42501' });
      }
      await expect(client.query(`create table ${own}.mine (id int)`)).rejects.toMatchObject({ code: '42501' });
      await expect(
        client.query(
          `insert into ${own}.outbox (partition, topic, key, message_id, envelope) values (0, 't', 'k', gen_random_uuid(), '{}')`,
        ),
      ).rejects.toMatchObject({ code: '42501' });
    } finally {
      await client.end();
    }
  });
}
