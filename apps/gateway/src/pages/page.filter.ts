import { NotYet, Refused } from '@landfall/messaging';
import { isOutage } from '@landfall/service-defaults';
import { Catch, HttpException, Injectable, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { throwError, type Observable } from 'rxjs';
import { fieldOf } from '../form';
import { isGuid } from '../purchase/purchase-id';
import { TooMany } from '../too-many';
import type { MessageName } from './messages';
import { PageRenderer, type MessageDetails } from './page.renderer';

/**
 * Answers errors of the public endpoint with a page for people: what happened, and whether trying again helps. A decision that was no, or
 * not yet, is shown with its reason; of everything else the reason goes to the log alone.
 */
@Catch()
@Injectable()
export class PageFilter implements ExceptionFilter {
  private readonly logger = new Logger(PageFilter.name);

  constructor(private readonly pages: PageRenderer) {}

  catch(error: unknown, host: ArgumentsHost): Observable<never> | void {
    if (host.getType() !== 'http') return throwError(() => error);
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const name = pageFor(error);
    if (name === 'failed' || name === 'unavailable')
      this.logger.error({ err: error, correlationId: request.id }, 'a page could not be shown');
    if (!reply.sent) void this.pages.send(reply, name, detailsOf(error, request));
  }
}

function pageFor(error: unknown): MessageName {
  if (error instanceof Refused) return 'refused';
  if (error instanceof NotYet) return 'not-yet';
  const status = error instanceof HttpException ? error.getStatus() : ((error as { statusCode?: unknown } | null)?.statusCode ?? 500);
  if ((error as { retriable?: unknown } | null)?.retriable === true || isOutage(error) || status === 503) return 'unavailable';
  if (error instanceof TooMany) return 'too-many';
  if (status === 404) return 'not-found';
  return typeof status === 'number' && status >= 400 && status < 500 ? 'rejected' : 'failed';
}

function detailsOf(error: unknown, request: FastifyRequest): MessageDetails {
  const purchaseId = purchaseIdOf(request);
  if (error instanceof Refused) return { purchaseId, reason: error.reason };
  if (error instanceof TooMany) return { reason: error.reason, retryAfterMs: error.retryAfterMs };
  if (error instanceof NotYet) return { purchaseId, reason: error.reason, retryAfterMs: error.retryAfterMs };
  return {};
}

/** The purchase that a request is about, in its address or its form. */
function purchaseIdOf({ params, body }: FastifyRequest): string | null {
  const named = [(params as { purchaseId?: string } | undefined)?.purchaseId, fieldOf(body, 'purchaseId')];
  return named.find(isGuid) ?? null;
}
