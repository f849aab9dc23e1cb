import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { throwError, type Observable } from 'rxjs';
import { answerProblem, isRetriable } from './problem';

/**
 * Answers errors as `application/problem+json`; what the caller may not learn is written to the log: what passes by itself as a warning, since an
 * outage fails every request, and the rest as an error with its stack. Errors of message handlers are handed on as they are.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): Observable<never> | void {
    if (host.getType() !== 'http') return throwError(() => error);
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (!(error instanceof HttpException)) this.log(error, request.id);
    if (!reply.sent) answerProblem(error, request, reply);
  }

  private log(error: unknown, correlationId: string): void {
    if (isRetriable(error))
      this.logger.warn({ reason: String(error).slice(0, 500), correlationId }, 'a request failed; trying again may help');
    else this.logger.error({ err: error, correlationId }, 'a request failed');
  }
}
