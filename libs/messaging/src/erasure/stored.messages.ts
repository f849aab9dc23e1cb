import { partitionOf } from '@landfall/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SERVICE, type ServiceIdentity } from '../messaging.config';
import { withoutPersonalData, withoutPersonalDataSql } from './personal.data';

/** Rows of the outbox that one statement looks at, and dead letters that are in memory at once. */
const outboxPage = 20_000;
const lettersAtOnce = 100;

/** Erases what is personal from what this service has stored about some keys: messages, jobs, texts. What is left of them is handled as before. */
@Injectable()
export class StoredMessages {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(SERVICE) private readonly service: ServiceIdentity,
  ) {}

  /** May run again: what is erased is not found any more. `keys` are ids; a message or job that has one of them anywhere in it is about it. */
  async erase(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    await this.eraseLetters(keys);
    await this.eraseJobs(keys);
    await this.eraseOutbox(keys);
  }

  /** The same for texts in a table of the service's own, in the rows that belong to `keys` by `keyColumn`. Names of table and columns are constants of the service. */
  async eraseTexts(table: string, columns: readonly string[], keyColumn: string, keys: readonly string[]): Promise<void> {
    for (const column of columns) {
      const erased = withoutPersonalDataSql(column);
      await this.dataSource.query(
        `update ${this.service.name}.${table} set ${column} = ${erased} where ${keyColumn} = any($1::uuid[]) and ${column} is distinct from ${erased}`,
        [keys],
      );
    }
  }

  /** Byte by byte, since nobody knows what is in a message that could not be read. */
  private async eraseLetters(keys: readonly string[]): Promise<void> {
    for (let after = '0'; ;) {
      const letters: { seq: string; consumer: string; key: string; value: Buffer }[] = await this.dataSource.query(
        `select seq, consumer, key, value from ${this.service.name}.dead_letter
          where seq > $1 and exists (select from unnest($2::text[]) as id where position(convert_to(id, 'UTF8') in value) > 0 or position(id in key) > 0)
          order by seq limit $3`,
        [after, keys, lettersAtOnce],
      );
      for (const { seq, consumer, key, value } of letters) {
        const erased = Buffer.from(withoutPersonalData(value.toString('latin1')), 'latin1');
        await this.dataSource.query(
          `update ${this.service.name}.dead_letter set value = $2, reason = ${withoutPersonalDataSql('reason')} where seq = $1`,
          [seq, erased],
        );
        await this.dataSource.query(
          `update ${this.service.name}.blocked_key set reason = ${withoutPersonalDataSql('reason')}
            where consumer = $1 and key = $2 and reason is distinct from ${withoutPersonalDataSql('reason')}`,
          [consumer, key],
        );
      }
      if (letters.length < lettersAtOnce) return;
      after = letters.at(-1)!.seq;
    }
  }

  private async eraseJobs(keys: readonly string[]): Promise<void> {
    const [payload, wanted, lastError] = ['payload', 'wanted', 'last_error'].map(withoutPersonalDataSql);
    await this.dataSource.query(
      `update ${this.service.name}.job set payload = ${payload}, wanted = ${wanted}, last_error = ${lastError}
        where exists (select from unnest($1::text[]) as id where position(id in payload) > 0)
          and (payload, wanted, last_error) is distinct from (${payload}, ${wanted}, ${lastError})`,
      [keys],
    );
  }

  private async eraseOutbox(keys: readonly string[]): Promise<void> {
    const topics: { topic: string }[] = await this.dataSource.query(`select topic from ${this.service.name}.outbox_topic`);
    const byPartition = new Map<number, string[]>();
    for (const key of keys) {
      const partition = partitionOf(key, this.service.partitions);
      byPartition.set(partition, [...(byPartition.get(partition) ?? []), key]);
    }
    for (const { topic } of topics) for (const [partition, own] of byPartition) await this.erasePartition(topic, partition, own);
  }

  private async erasePartition(topic: string, partition: number, keys: readonly string[]): Promise<void> {
    for (let after: string | null = '0'; after !== null;) {
      const [row]: [{ next: string | null }] = await this.dataSource.query(
        `select ${this.service.name}.outbox_erase($1, $2, $3, $4, $5) as next`,
        [partition, topic, keys, after, outboxPage],
      );
      after = row.next;
    }
  }
}
