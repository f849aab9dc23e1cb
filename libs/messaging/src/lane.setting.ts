import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SERVICE, type ServiceIdentity } from './messaging.config';
import { inTransaction, run } from './transaction';

/** LANES differs from what this schema was first started with. Keys would change their lane, and with it their order. */
export class LanesChanged extends Error {
  readonly code = 'LANES_CHANGED';
  readonly retriable = false;
}

/** The number of lanes, written by the first start of a service and compared by every later one. */
@Injectable()
export class LaneSetting {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(SERVICE) private readonly service: ServiceIdentity,
  ) {}

  async settle(): Promise<void> {
    const { name, lanes } = this.service;
    await inTransaction(this.dataSource, async (tx) => {
      const [setting] = await run<{ lanes: number }>(
        tx,
        `update ${name}.messaging_setting set lanes = coalesce(lanes, $1::smallint) returning lanes`,
        [lanes],
      );
      if (setting?.lanes !== lanes)
        throw new LanesChanged(
          `LANES is ${lanes}, but ${name} was set up with ${setting?.lanes}: it is fixed for the life of an installation`,
        );
      await run(tx, `insert into ${name}.relay_cursor (lane) select generate_series(0, $1::int - 1) on conflict do nothing`, [lanes]);
    });
  }
}
