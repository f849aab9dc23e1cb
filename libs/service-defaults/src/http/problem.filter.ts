import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { throwError, type Observable } from 'rxjs';
import { answerProblem } from './problem';

/**
 * Answers errors as `application/problem+json`; what the caller may not learn is written to the log. Errors of message handlers are handed on
 * as they are.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): Observable<never> | void {
    if (host.getType() !== 'http') return throwError(() => error);
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (!(error instanceof HttpException)) this.logger.error({ err: error, correlationId: request.id }, 'a request failed');
    if (!reply.sent) answerProblem(error, request, reply);
  }
}
