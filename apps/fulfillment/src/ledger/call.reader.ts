import { instantColumn, notKnown, pageOf, type Page } from '@landfall/messaging';
import { BadRequestException, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { RegistrationClients } from '../registration/registration.clients';
import type { CallQuery, CallView } from './call.view';

/** Reads the ledger of calls for operators. */
@Injectable()
export class CallReader {
  constructor(
    private readonly database: DataSource,
    private readonly clients: RegistrationClients,
  ) {}

  /**
   * The newest first. Calls that are made meanwhile are on the first page alone.
   * @throws BadRequestException for a registration that has no calls and is not set up: a registration of earlier has its own still
   */
  async list(query: CallQuery): Promise<Page<CallView>> {
    const page = await this.read(query);
    const { registration, since, after } = query;
    const { names } = this.clients;
    if (registration !== undefined && !since && !after && page.items.length === 0 && !names.includes(registration))
      throw new BadRequestException(notKnown('registration', registration, names));
    return page;
  }

  private async read({ subscriptionId, registration, correlationId, since, limit, after }: CallQuery): Promise<Page<CallView>> {
    const [startedAt, requestId] = after?.split('_') ?? [null, null];
    const about = subscriptionId
      ? 'subscription_id = $1'
      : correlationId
        ? 'correlation_id = $1'
        : 'registration = $1 and subscription_id is null';
    const rows = await this.database.query<(CallView & { cursor: string })[]>(
      `select request_id as "requestId", microsoft_request_id as "microsoftRequestId", correlation_id as "correlationId", registration, purpose,
              method, route, subscription_id as "subscriptionId", operation_id as "operationId", ${instantColumn('started_at')} as "startedAt",
              duration_ms as "durationMs", status, error,
              to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '_' || request_id as cursor
         from fulfillment.calls
        where ${about}
          and ($5::timestamptz is null or started_at >= $5::timestamptz) and ($2::timestamptz is null or (started_at, request_id) < ($2::timestamptz, $3::uuid))
        order by started_at desc, request_id desc limit $4`,
      [subscriptionId ?? correlationId ?? registration, startedAt, requestId, limit + 1, since ?? null],
    );
    return pageOf(
      rows,
      limit,
      ({ cursor }) => cursor,
      ({ cursor: _cursor, ...call }) => call,
    );
  }
}
