import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SERVICE, type ServiceIdentity } from '../messaging.config';
import { inTransaction, run } from '../transaction';

/** PARTITIONS differs from what this schema was first started with. Keys would change their partition, and with it their order. */
export class PartitionsChanged extends Error {
  readonly code = 'PARTITIONS_CHANGED';
  readonly retriable = false;
}

/** The number of partitions, written by the first start of a service and compared by every later one. */
@Injectable()
export class PartitionSetting {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(SERVICE) private readonly service: ServiceIdentity,
  ) {}

  /** Throws `PartitionsChanged`. Makes a relay cursor for each partition. */
  async establish(): Promise<void> {
    const { name, partitions } = this.service;
    await inTransaction(this.dataSource, async (tx) => {
      const [setting] = await run<{ partitions: number }>(
        tx,
        `update ${name}.messaging_setting set partitions = coalesce(partitions, $1::smallint) returning partitions`,
        [partitions],
      );
      if (setting?.partitions !== partitions)
        throw new PartitionsChanged(
          `PARTITIONS is ${partitions}, but ${name} was set up with ${setting?.partitions}: it is fixed for the life of an installation`,
        );
      await run(tx, `insert into ${name}.relay_cursor (partition) select generate_series(0, $1::int - 1) on conflict do nothing`, [
        partitions,
      ]);
    });
  }
}
