import { Injectable } from '@nestjs/common';
import { MicroBatch, UnitOfWork } from '@landfall/messaging';
import { DataSource } from 'typeorm';

/** Above all numbers of one epoch: a restored database goes on in the next one (rule 12). */
const NUMBERS_OF_AN_EPOCH = 1e12;
/** Reads that begin at the same time draw together. One that can't draw for so long is not made. */
const LIMITS = { size: 500, limit: 5_000, maxAgeMs: 700, limitMs: 700 };

/**
 * The order of our reads. A number is drawn before the call, from one sequence for all copies of this service, so that the read that began later has
 * the higher number, whatever clocks say (rule 2).
 */
@Injectable()
export class ReadNumbers {
  private epoch: number | undefined;
  private readonly draws = new MicroBatch<null, number>((draws) => this.draw(draws.length), LIMITS);

  constructor(
    private readonly database: DataSource,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** @throws Overloaded where no number can be drawn in time */
  next(): Promise<number> {
    return this.draws.add(null);
  }

  private async draw(count: number): Promise<number[]> {
    const epoch = (this.epoch ??= await this.unitOfWork.epoch());
    const rows = await this.database.query<{ no: string }[]>(`select nextval('fulfillment.read_no') as no from generate_series(1, $1)`, [
      count,
    ]);
    return rows.map(({ no }) => epoch * NUMBERS_OF_AN_EPOCH + Number(no));
  }
}
