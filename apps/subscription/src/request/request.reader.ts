import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { requestColumns } from './request.repository';
import { requestView, type RequestView } from './request.view';

/** How many requests one answer shows: the newest ones. */
const requestsShown = 100;

/** Reads for people and other services. It locks nothing. */
@Injectable()
export class RequestReader {
  constructor(private readonly dataSource: DataSource) {}

  async find(subscriptionId: string, requestId: string): Promise<RequestView | null> {
    const [row] = await this.read('r.subscription_id = $1 and r.id = $2', [subscriptionId, requestId]);
    return row ?? null;
  }

  /** The newest first. */
  list(subscriptionId: string): Promise<RequestView[]> {
    return this.read('r.subscription_id = $1', [subscriptionId]);
  }

  private async read(where: string, values: string[]): Promise<RequestView[]> {
    const rows: Record<string, unknown>[] = await this.dataSource.query(
      `select ${requestColumns}, r.id as "requestId", r.subscription_id as "subscriptionId"
         from subscription.change_requests r where ${where} order by r.requested_at desc, r.id limit ${requestsShown}`,
      values,
    );
    return rows.map((row) => requestView.parse(row));
  }
}
