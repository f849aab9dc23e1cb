import type { DatabaseCounters } from '../measure/database';
import { subscriptionId } from '../microsoft/operation.id';

/** What each subscription has a row or some of for its whole life, by the column that names it. Deliveries and calls are left out: they are kept for some months. */
const tables = [
  ['subscription.subscriptions', 'id'],
  ['subscription.operations', 'subscription_id'],
  ['subscription.transitions', 'subscription_id'],
  ['fulfillment.subscription_registrations', 'subscription_id'],
  ['fulfillment.operations', 'subscription_id'],
  ['fulfillment.observations', 'subscription_id'],
  ['gateway.subscription_projections', 'subscription_id'],
  ['provisioning.tenants', 'subscription_id'],
] as const;

const chunk = 50_000;

/** The rows that a subscription of the bench has by now are what each further one gets, with ids of its own. */
const template = subscriptionId(0);

/**
 * Adds subscriptions to the tables of all services until there are so many, as if they had been bought, changed and forgotten. No service takes part; afterwards the tables are
 * as vacuum leaves them, and the log begins anew.
 */
export async function fillTo(counters: DatabaseCounters, subscriptions: number): Promise<void> {
  const [counted] = await counters.query<{ count: string }>('select count(*) from subscription.subscriptions');
  const statements = await cloningStatements(counters);
  await counters.query('set session_replication_role = replica'); // what refers to each other is made together
  for (let made = Number(counted!.count); made < subscriptions; made += chunk) {
    for (const statement of statements) await counters.query(statement, [template, made + 1, Math.min(made + chunk, subscriptions)]);
    await counters.query('checkpoint');
  }
  await counters.query('reset session_replication_role');
  for (const [table] of tables) await counters.query(`vacuum (analyze) ${table}`);
  await counters.query('checkpoint');
}

/** Every id but the one of the subscription is drawn, so that no unique index minds; generated columns make themselves. */
async function cloningStatements(counters: DatabaseCounters): Promise<string[]> {
  const statements: string[] = [];
  for (const [table, key] of tables) {
    const columns = await counters.query<{ name: string; type: string }>(
      `select quote_ident(column_name) as name, data_type as type from information_schema.columns
        where table_schema || '.' || table_name = $1 and is_identity = 'NO' and is_generated = 'NEVER' order by ordinal_position`,
      [table],
    );
    if (columns.length === 0) throw new Error(`There is no table ${table}: a subscription has its rows elsewhere.`);
    const valueOf = ({ name, type }: (typeof columns)[number]): string => {
      if (name === key) return `md5('subscription ' || n)::uuid`;
      return type === 'uuid' ? `case when ${name} is not null then gen_random_uuid() end` : name;
    };
    statements.push(
      `insert into ${table} (${columns.map(({ name }) => name).join(', ')})
       select ${columns.map(valueOf).join(', ')} from ${table} cross join generate_series($2::int, $3::int) n where ${key} = $1`,
    );
  }
  return statements;
}
