import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { CallRecord } from '@landfall/marketplace-client';
import { columns, inTransaction, MicroBatch, Overloaded, write } from '@landfall/messaging';
import { DataSource } from 'typeorm';
import type { CallAttempt, CallToMake } from './call';
import { callDuration, ledgerDropped, undatedAnswers } from './microsoft.metrics';

/** Waiting records beyond this are dropped and counted: support can live without one, the journey of a customer can't wait for it. */
const LIMITS = { size: 500, limit: 5_000, maxAgeMs: 10_000 };

/** So long the record of a read may wait for others. */
const LINGER_MS = 500;
/** Calls that leave at the same time are announced together. One that can't be announced for so long is not made. */
const ANNOUNCEMENT_LIMITS = { size: 200, limit: 5_000 };

/** An attempt that has ended, and with whose token it was made. */
type EndedCall = CallRecord & { readonly registration: string };

/** Written at the latest when the call has ended; written beforehand by whoever must not make it twice. */
@Injectable()
export class CallLedger implements OnModuleDestroy {
  private readonly logger = new Logger(CallLedger.name);
  private readonly announced = new MicroBatch<CallToMake>((calls) => this.announceAll(calls), ANNOUNCEMENT_LIMITS);
  /** Of calls that changed nothing, and of acknowledgements, which are read after whatever their answer was: nobody asks for these records at once. */
  private readonly unhurried = new MicroBatch<EndedCall & { endedAt: Date }>((records) => this.write(records), {
    ...LIMITS,
    lingerMs: LINGER_MS,
  });
  private readonly ended = new MicroBatch<EndedCall & { endedAt: Date }>((records) => this.write(records), LIMITS);

  private readonly recordings = new Set<Promise<void>>();

  constructor(private readonly database: DataSource) {}

  /** Durable before it returns, so that a crash between the call and its record is known for what it is. @throws Overloaded where that takes too long: the call is not made */
  announce(call: CallToMake): Promise<void> {
    return this.announced.add(call);
  }

  /** Announces each attempt of a call before it leaves, that with a fresh token as well (rule 9). One whose time is over meanwhile does not leave. */
  announcing(call: Omit<CallToMake, 'requestId'>): (requestId: string, signal: AbortSignal) => Promise<void> {
    return async (requestId, signal) => {
      await this.announce({ ...call, requestId }).catch((error: unknown) => {
        this.withdraw(requestId).catch(() => undefined); // it may be stored all the same; a later run then only takes more care
        throw error;
      });
      if (signal.aborted) await this.withdraw(requestId);
    };
  }

  /** The call was not made after all. */
  async withdraw(requestId: string): Promise<void> {
    await this.database.query('delete from fulfillment.calls where request_id = $1', [requestId]);
  }

  /** What a job has sent to Microsoft so far, oldest first. */
  async attemptsOf(jobId: string): Promise<CallAttempt[]> {
    return this.database.query<CallAttempt[]>(
      `select round(extract(epoch from now() - started_at) * 1000)::float8 as "agoMs", status
         from fulfillment.calls where job_id = $1 order by started_at`,
      [jobId],
    );
  }

  /** Takes the record of an attempt that has ended; it is written soon, together with others. */
  record(call: EndedCall): void {
    const outcome = call.status === null ? 'none' : `${Math.trunc(call.status / 100)}xx`;
    callDuration.observe({ registration: call.registration, method: call.method, route: call.route, outcome }, call.durationMs / 1_000);
    if (outcome === '2xx' && !call.date) undatedAnswers.inc();
    const records = call.method === 'GET' || call.purpose === 'acknowledgement' ? this.unhurried : this.ended;
    const recording: Promise<void> = records
      .add({ ...call, endedAt: new Date() })
      .catch((error: unknown) => {
        const reason = error instanceof Overloaded ? 'overloaded' : 'database';
        ledgerDropped.inc({ reason });
        this.logger.warn({ reason, requestId: call.requestId, err: error }, 'a call to Microsoft is missing in the ledger');
      })
      .finally(() => this.recordings.delete(recording));
    this.recordings.add(recording);
  }

  /** What has ended is on record before the database is left. */
  async onModuleDestroy(): Promise<void> {
    this.unhurried.hurry();
    await Promise.all(this.recordings);
  }

  private async announceAll(calls: CallToMake[]): Promise<void> {
    await this.database.query(
      `insert into fulfillment.calls
              (request_id, registration, correlation_id, job_id, method, route, purpose, subscription_id, operation_id, started_at)
       select *, now() from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::uuid[], $9::uuid[])`,
      columns(calls, ...announcement),
    );
  }

  private async write(records: (EndedCall & { endedAt: Date })[]): Promise<void[]> {
    const rows = records.map(({ endedAt, ...call }) => ({
      ...call,
      startedAt: new Date(endedAt.getTime() - call.durationMs),
      durationMs: Math.round(call.durationMs),
    }));
    await inTransaction(this.database, (tx) => write(tx, upsert, columns(rows, ...written)));
    return records.map(() => undefined);
  }
}

const announcement = [
  'requestId',
  'registration',
  'correlationId',
  'jobId',
  'method',
  'route',
  'purpose',
  'subscriptionId',
  'operationId',
] as const;

const written = [
  'requestId',
  'registration',
  'correlationId',
  'method',
  'route',
  'purpose',
  'subscriptionId',
  'operationId',
  'startedAt',
  'durationMs',
  'status',
  'error',
  'microsoftRequestId',
] as const;

const upsert = `
  insert into fulfillment.calls (request_id, registration, correlation_id, method, route, purpose, subscription_id, operation_id,
         started_at, duration_ms, status, error, microsoft_request_id)
  select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::uuid[],
         $9::timestamptz[], $10::int[], $11::smallint[], $12::text[], $13::text[])
  on conflict (request_id) do update set (duration_ms, status, error, microsoft_request_id)
                                 = (excluded.duration_ms, excluded.status, excluded.error, excluded.microsoft_request_id)`;
