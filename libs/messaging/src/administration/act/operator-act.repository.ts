import { HttpException, Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SERVICE, type ServiceIdentity } from '../../messaging.config';
import { countOperatorAct } from '../../metrics';
import { inTransaction, run, type Transaction } from '../../transaction';
import type { ActName, RecordedAct } from './operator-act.view';
import { IdempotencyKeyReused } from './act.errors';
import type { OperatorAct } from './operator-act';
import { pageOf, type Page } from '../page';

/** What an act found and what it left behind, for the record. No payload, no data of a message. */
export interface ActEffect {
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

interface ActRow extends Omit<RecordedAct, 'at'> {
  readonly at: Date;
}

export interface OperatorActQuery {
  readonly actor?: string;
  readonly subject?: string;
  readonly limit: number;
  readonly after?: string;
}

const selected = `id, at, act, subject, actor, reason, idempotency_key as "idempotencyKey", correlation_id as "correlationId", before, after`;

/** The service's record of what operators did: it is added to and read, and the database refuses everything else. */
@Injectable()
export class OperatorActRepository {
  private readonly logger = new Logger('Operators');
  private readonly schema: string;

  constructor(
    private readonly dataSource: DataSource,
    @Inject(SERVICE) service: ServiceIdentity,
  ) {
    this.schema = service.name;
  }

  /**
   * Does an act and records it, in one transaction. The second of two with the same idempotency key waits for the first and gets its answer;
   * nothing is done for it. Throws `IdempotencyKeyReused`, and what `work` throws: then nothing is done and nothing recorded.
   */
  async record(act: ActName, subject: string, by: OperatorAct, work: (tx: Transaction) => Promise<ActEffect>): Promise<RecordedAct> {
    try {
      const { recorded, isRepeated } = await inTransaction(this.dataSource, async (tx) => {
        const earlier = await this.earlier(tx, by.idempotencyKey);
        if (earlier) return { recorded: sameAs(earlier, act, subject, by), isRepeated: true };
        return { recorded: await this.add(tx, act, subject, by, await work(tx)), isRepeated: false };
      });
      countOperatorAct(act, isRepeated ? 'repeated' : 'done');
      if (!isRepeated) this.logger.log({ action: act, subjectId: subject, correlationId: by.correlationId }, 'an operator acted');
      return recorded;
    } catch (error) {
      countOperatorAct(act, error instanceof HttpException ? 'refused' : 'failed');
      throw error;
    }
  }

  /** The newest first; `after` goes on to older ones. */
  async list({ actor, subject, limit, after }: OperatorActQuery): Promise<Page<RecordedAct>> {
    const rows = await inTransaction(this.dataSource, (tx) =>
      run<ActRow>(
        tx,
        `select ${selected} from ${this.schema}.operator_act
          where ($1::bigint is null or id < $1) and ($2::text is null or actor = $2) and ($3::text is null or subject = $3)
          order by id desc limit $4`,
        [after ?? null, actor ?? null, subject ?? null, limit + 1],
      ),
    );
    return pageOf(rows.map(recordedAct), limit, ({ id }) => id);
  }

  private async earlier(tx: Transaction, idempotencyKey: string): Promise<RecordedAct | undefined> {
    await run(tx, `select pg_advisory_xact_lock(hashtext('${this.schema}.operator_act'), hashtext($1))`, [idempotencyKey]);
    const [row] = await run<ActRow>(tx, `select ${selected} from ${this.schema}.operator_act where idempotency_key = $1`, [idempotencyKey]);
    return row && recordedAct(row);
  }

  private async add(tx: Transaction, act: ActName, subject: string, by: OperatorAct, { before, after }: ActEffect): Promise<RecordedAct> {
    const [row] = await run<ActRow>(
      tx,
      `insert into ${this.schema}.operator_act (act, subject, actor, reason, idempotency_key, correlation_id, before, after)
       values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${selected}`,
      [act, subject, by.actor, by.reason, by.idempotencyKey, by.correlationId, JSON.stringify(before), JSON.stringify(after)],
    );
    return recordedAct(row!);
  }
}

const recordedAct = (row: ActRow): RecordedAct => ({ ...row, at: row.at.toISOString() });

function sameAs(earlier: RecordedAct, act: ActName, subject: string, by: OperatorAct): RecordedAct {
  const isSame = earlier.act === act && earlier.subject === subject && earlier.actor === by.actor && earlier.reason === by.reason;
  if (!isSame) throw new IdempotencyKeyReused();
  return earlier;
}
