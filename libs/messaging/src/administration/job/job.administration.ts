import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '@landfall/service-defaults';
import { DataSource } from 'typeorm';
import { SERVICE, type ServiceIdentity } from '../../messaging.config';
import { storableKey } from '../../key';
import { Outbox } from '../../outbox/outbox';
import { inTransaction, run, type Transaction } from '../../transaction';
import { JobRunner } from '../../jobs/job.runner';
import { begunAnew, businessNow, insertJobs, wantedJob, type WantedRow } from '../../jobs/job.repository';
import { jobView, type JobRow, type StoredJob } from './job.view';
import { OperatorActRepository } from '../act/operator-act.repository';
import type { RecordedAct } from '../act/operator-act.view';
import { ActImpossible, SubjectMissing } from '../act/act.errors';
import type { OperatorAct } from '../act/operator-act';
import { countedAtMost, pageOf, type Page } from '../page';

export interface JobQuery {
  /** Without it, what waits for an operator: dead jobs and those of unknown kinds. */
  readonly state?: StoredJob['state'];
  readonly kind?: string;
  readonly key?: string;
  readonly limit: number;
  readonly after?: string;
}

/** What operators see and do about jobs that died, or that nothing in this version performs. Every act is recorded in the transaction that does it. */
@Injectable()
export class JobAdministration {
  private readonly schema: string;

  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly acts: OperatorActRepository,
    private readonly runner: JobRunner,
    @Inject(SERVICE) service: ServiceIdentity,
  ) {
    this.schema = service.name;
  }

  /** The oldest first. */
  async list({ state, kind, key, limit, after }: JobQuery): Promise<Page<StoredJob>> {
    const rows = await inTransaction(this.dataSource, (tx) =>
      run<JobRow>(
        tx,
        `${this.selected} where ${seenState} = any($2::text[]) and ($3::bigint is null or j.seq > $3) and ($4::text is null or j.kind = $4)
          and ($5::text is null or j.key = $5) order by j.seq limit $6`,
        [
          this.runner.kinds,
          state ? [state] : ['dead', 'unknown'],
          after ?? null,
          kind ?? null,
          key === undefined ? null : storableKey(key),
          limit + 1,
        ],
      ),
    );
    return pageOf(rows, limit, ({ cursor }) => cursor, jobView);
  }

  /** Throws `SubjectMissing`. */
  find(id: string): Promise<StoredJob> {
    return inTransaction(this.dataSource, async (tx) => {
      const [row] = await run<JobRow>(tx, `${this.selected} where j.id = $2`, [this.runner.kinds, id]);
      if (!row) throw missing(id);
      return jobView(row);
    });
  }

  /** Lets a dead job run again at once, with all its failures and its age before it. Throws `SubjectMissing` and `ActImpossible`. */
  async retry(id: string, by: OperatorAct): Promise<RecordedAct> {
    const recorded = await this.acts.record('job.retry', `jobs/${id}`, by, async (tx) => {
      const before = await this.locked(tx, id, ['dead']);
      const [row] = await run<{ runAt: Date }>(
        tx,
        `update ${this.schema}.job set ${begunAnew('$2')}, run_at = ${businessNow('$2')} where id = $1 returning run_at as "runAt"`,
        [id, this.clock.aheadMs],
      );
      return { before, after: { state: 'ready', failures: 0, runAt: row!.runAt.toISOString() } };
    });
    this.outbox.jobsCommitted.raise();
    return recorded;
  }

  /**
   * Gives a job up for ever that is dead, or of a kind that nothing in this version performs; the next one of its key goes on at once, and what was asked
   * for meanwhile takes its place. Throws `SubjectMissing` and `ActImpossible`.
   */
  async discard(id: string, by: OperatorAct): Promise<RecordedAct> {
    const recorded = await this.acts.record('job.discard', `jobs/${id}`, by, async (tx) => {
      const before = await this.locked(tx, id, ['dead', 'unknown']);
      const [{ wanted }] = (await run<{ wanted: string | null }>(tx, `delete from ${this.schema}.job where id = $1 returning wanted`, [
        id,
      ])) as [{ wanted: string | null }];
      if (wanted) insertJobs(tx, this.schema, [wantedJob(JSON.parse(wanted) as WantedRow)], this.clock.aheadMs);
      const next = `select id from ${this.schema}.job where key = $1 order by seq limit 1`;
      return { before, after: { next: (await run<{ id: string }>(tx, next, [before.key]))[0]?.id ?? null } };
    });
    this.outbox.jobsCommitted.raise();
    return recorded;
  }

  /** With its row locked, so that nobody claims it meanwhile. */
  private async locked(tx: Transaction, id: string, states: readonly StoredJob['state'][]): Promise<StoredJob> {
    const [row] = await run<JobRow>(tx, `${this.selected} where j.id = $2 for update of j`, [this.runner.kinds, id]);
    if (!row) throw missing(id);
    if (!states.includes(row.state)) throw new ActImpossible('NOT_DEAD', `Job ${id} is not dead: it is ${row.state}`);
    return jobView(row);
  }

  private get selected(): string {
    return `select j.seq as cursor, j.id, j.kind, j.key, ${seenState} as state, j.last_error as reason, j.attempts, j.failures, j.created_at as "createdAt",
                   j.run_at as "runAt", j.deadline, j.causation_id as "causationId", j.correlation_id as "correlationId",
                   (select count(*)::int from (select from ${this.schema}.job l where l.key = j.key and l.seq > j.seq limit ${countedAtMost}) counted) as behind
              from ${this.schema}.job j`;
  }
}

/** The first parameter is what this version performs, or null where it can't say that yet. */
const seenState = `case when j.state = 'ready' and j.kind <> all($1::text[]) then 'unknown' else j.state end`;

const missing = (id: string) =>
  new SubjectMissing(`There is no job ${id}: it was never here, or it is done, or it was discarded or overtaken`);
