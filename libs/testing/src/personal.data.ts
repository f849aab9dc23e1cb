import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { encodeMessage, partitionOf, purchaseConfirmed, topicNameOf } from '@landfall/contracts';
import { Keyring, type JWKSet } from '@landfall/service-defaults';
import { aMessage } from './a.message';
import { aPerson } from './a.snapshot';
import type { TestApp } from './test.app';

const jwe = /eyJ[\w-]+\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+/g;

/**
 * The columns, in all tables of the database, in which a text is: in clear, in bytes, in JSON, or encrypted by any key of the keyring. Each once, with its
 * schema and table.
 */
export async function columnsWith(app: Pick<TestApp, 'query'>, text: string): Promise<string[]> {
  const columns = await app.query<{ place: string; source: string; value: string }>(
    `select format('%s.%s.%s', n.nspname, c.relname, a.attname) as place, c.oid::regclass::text as source,
            case when a.atttypid = 'bytea'::regtype then format('encode(%I, ''escape'')', a.attname) else format('%I::text', a.attname) end as value
       from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema)' and a.attnum > 0 and not a.attisdropped
        and a.atttypid in ('text'::regtype, 'varchar'::regtype, 'bytea'::regtype, 'json'::regtype, 'jsonb'::regtype, 'text[]'::regtype)
      order by 1`,
  );
  const found: string[] = [];
  for (const { place, source, value } of columns) {
    const rows = await app.query<{ value: string }>(`select ${value} as value from ${source} where ${value} is not null`);
    const read = await Promise.all(rows.map((row) => opened(row.value)));
    if (read.some((all) => all.includes(text))) found.push(place);
  }
  return found;
}

/** The value, and beside it everything that is encrypted in it. */
async function opened(value: string): Promise<string> {
  const keyring = JSON.parse(readFileSync(process.env['KEYRING_FILE'] ?? '', 'utf8')) as JWKSet;
  const parts = await Promise.all((value.match(jwe) ?? []).map((text) => decrypted(keyring, text).catch(() => '')));
  return [value, ...parts].join('\n');
}

async function decrypted(keyring: JWKSet, text: string): Promise<string> {
  const { kid } = JSON.parse(Buffer.from(text.split('.')[0]!, 'base64url').toString()) as { kid: string };
  const [service, kind] = kid.split('.');
  const own = new Keyring(service!, keyring);
  return kind === 'data' ? own.decryptColumn(text) : own.decryptReceived(text);
}

/** Puts an address into a dead letter, a job and the outbox of a service, in clear and encrypted, as messages about a subscription may carry it. */
export async function plantInMessages(app: Pick<TestApp, 'query'>, schema: string, subscriptionId: string, address: string): Promise<void> {
  const keyring = JSON.parse(readFileSync(process.env['KEYRING_FILE'] ?? '', 'utf8')) as JWKSet;
  const encryptedContact = await new Keyring(schema, keyring).encryptFor('subscription', JSON.stringify({ email: address }));
  const text = JSON.stringify({ data: { subscriptionId, encryptedContact, reason: `${address} has no licence` } });
  const consumer = `${schema}.planted`;
  const person = aPerson();
  const confirmation = { purchaseId: randomUUID(), subscriptionId, person, encryptedContact, answers: { invoice: address } };
  const sent = aMessage(purchaseConfirmed({ ...confirmation, confirmedAt: new Date().toISOString() }));
  await app.query(`insert into ${schema}.blocked_key (consumer, key, state, reason, next_try_at) values ($1, $2, 'dead', $3, now())`, [
    consumer,
    subscriptionId,
    `${address} has no licence`,
  ]);
  await app.query(
    `insert into ${schema}.dead_letter (consumer, key, message_id, value, partition, kafka_offset, reason) values ($1, $2, $3, $4, 0, 0, 'planted')`,
    [consumer, subscriptionId, randomUUID(), Buffer.concat([Buffer.from(text), Buffer.from([0, 255])])],
  );
  await app.query(
    `insert into ${schema}.job (id, kind, key, payload, state, run_at, last_error, causation_id, correlation_id, created_at)
     values ($1, 'planted', 'planted', $2, 'dead', now(), $3, 'c', 'c', now())`,
    [randomUUID(), text, `no mailbox ${address} (mailto:${address.replace('@', '%40')})`],
  );
  await app.query(`select ${schema}.outbox_append($1::smallint[], $2::text[], $3::text[], $4::uuid[], $5)`, [
    [partitionOf(subscriptionId, 8)],
    [topicNameOf(sent.type)],
    [subscriptionId],
    [sent.id],
    encodeMessage(sent),
  ]);
}
