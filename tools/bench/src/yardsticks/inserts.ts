import { randomUUID } from 'node:crypto';
import { Pool } from 'pg';

export const insertConnections = 32;
/** As long as the body of a webhook. */
const payload = 'x'.repeat(1_500);

/** Rows inserted in a second, each by a prepared statement and a commit of its own, by 32 connections at once: the least that durable storage costs. */
export class BareInserts {
  private readonly pool: Pool;

  constructor(databaseUrl: string) {
    this.pool = new Pool({ connectionString: databaseUrl, max: insertConnections });
  }

  async prepare(): Promise<void> {
    await this.pool.query(
      'create table if not exists bare (id uuid primary key, payload text not null, at timestamptz not null default now())',
    );
    await this.pool.query('alter table bare alter column payload set storage external');
    await this.perSecond(insertConnections); // each connection has prepared the statement then
  }

  async perSecond(rows: number): Promise<number> {
    let left = rows;
    const startedAt = performance.now();
    await Promise.all(
      Array.from({ length: insertConnections }, async () => {
        const client = await this.pool.connect();
        while (left-- > 0)
          await client.query({ name: 'bare', text: 'insert into bare (id, payload) values ($1, $2)', values: [randomUUID(), payload] });
        client.release();
      }),
    );
    return rows / ((performance.now() - startedAt) / 1_000);
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}
