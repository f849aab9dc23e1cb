import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { limits } from '../../limits';
import type { Advance } from '../../time/advance';
import { addMonths } from '../../time/calendar';
import type { Clock } from '../../time/clock';
import { later, parseDuration } from '../../time/duration';
import { ControlInputError, parsed } from '../control.schemas';

const advanceBody = z.strictObject({
  duration: z
    .string()
    .transform((text, context) => {
      const duration = parseDuration(text);
      if (!duration) context.addIssue('must be an ISO 8601 duration such as P40D, P1Y2M or PT8H30M; time never goes back');
      return duration ?? z.NEVER;
    })
    .optional(),
  to: z.iso.datetime({ offset: true, error: 'must be an instant such as 2030-01-31T00:00:00Z' }).optional(),
  restMs: z.int().min(0).max(limits.advanceRestMs).optional(),
});

/** Business time: what it is, and moving it ahead. */
export class ClockRoutes {
  constructor(
    private readonly clock: Clock,
    private readonly advance: Advance,
  ) {}

  register(server: FastifyInstance): void {
    server.get('/clock', async () => ({
      now: new Date(this.clock.now()).toISOString(),
      offsetMs: this.clock.offsetMs,
      advancingTo: this.advance.target,
    }));
    server.post('/clock/advance', async (request, reply) => this.advanceBy(request.body, reply));
  }

  /** Answers when business time has arrived, or when `limits.advanceRealMs` have passed. */
  private async advanceBy(body: unknown, reply: FastifyReply) {
    const wanted = parsed(advanceBody, body);
    const outcome = await this.advance.to(this.targetOf(wanted), wanted.restMs);
    if (outcome === undefined) return reply.code(409).send({ error: 'Time is being advanced already; wait for the answer to that call.' });
    if (outcome === 'replaced')
      return reply.code(409).send({ error: 'A reset or a restored snapshot came in between; business time is what that made of it.' });
    return outcome;
  }

  private targetOf({ duration, to }: z.infer<typeof advanceBody>): number {
    if ((duration === undefined) === (to === undefined)) throw problem('(body)', 'must hold either duration or to');
    const now = this.clock.now();
    const targetMs = duration ? later(now, duration) : Date.parse(to as string);
    const field = duration ? 'duration' : 'to';
    if (targetMs < now)
      throw problem(field, `must not be in the past: business time is ${new Date(now).toISOString()} and never goes back`);
    if (targetMs > addMonths(now, 12 * limits.advanceYears))
      throw problem(field, `must be at most ${limits.advanceYears} years ahead in one call`);
    if (targetMs > limits.latestBusinessTimeMs) throw problem(field, 'must be before the year 9000, where business time ends');
    return targetMs;
  }
}

function problem(field: string, message: string): ControlInputError {
  return new ControlInputError(`${field}: ${message}`, [{ field, problem: message }]);
}
