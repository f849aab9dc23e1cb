import { isOutage } from '@landfall/service-defaults';
import { Catch, HttpException, Injectable, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { throwError, type Observable } from 'rxjs';
import { Pages } from './pages';
import type { MessageName } from './messages';

/** Answers errors of this door with a page for people: what happened, and whether trying again helps. The rest goes to the log. */
@Catch()
@Injectable()
export class PageFilter implements ExceptionFilter {
  private readonly logger = new Logger(PageFilter.name);

  constructor(private readonly pages: Pages) {}

  catch(error: unknown, host: ArgumentsHost): Observable<never> | void {
    if (host.getType() !== 'http') return throwError(() => error);
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const name = pageFor(error);
    if (name === 'failed' || name === 'unavailable')
      this.logger.error({ err: error, correlationId: request.id }, 'a page could not be shown');
    if (!reply.sent) void this.pages.send(reply, name);
  }
}

function pageFor(error: unknown): MessageName {
  const status = error instanceof HttpException ? error.getStatus() : ((error as { statusCode?: unknown } | null)?.statusCode ?? 500);
  if ((error as { retriable?: unknown } | null)?.retriable === true || isOutage(error) || status === 503) return 'unavailable';
  if (status === 404) return 'not-found';
  return typeof status === 'number' && status >= 400 && status < 500 ? 'rejected' : 'failed';
}
