import { Public } from '@landfall/service-defaults';
import { Controller, Get, Logger, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { browserOf, recogniseBrowser } from '../landing/browser';
import { PageRenderer } from '../pages/page.renderer';
import { isGuid } from '../purchase/purchase-id';
import { SessionRepository } from './session.repository';
import { Sessions } from './sessions';
import { SigninProvider, SigninRefused } from './signin.provider';

/** How long a customer may take at the identity service. */
const ATTEMPT_LIFE_MS = 15 * 60_000;
const STATE_LENGTH = 200;

/** Sends customers to the identity service and takes them back. What must survive the way there is kept here, never in its address. */
@Public()
@Controller('signin')
export class SigninController {
  private readonly logger = new Logger(SigninController.name);

  constructor(
    private readonly provider: SigninProvider,
    private readonly attempts: SessionRepository,
    private readonly sessions: Sessions,
    private readonly pages: PageRenderer,
  ) {}

  @Get()
  async begin(
    @Query('purchase') purchase: string | undefined,
    @Query('account') account: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ) {
    const browser = recogniseBrowser(request, reply);
    const { url, secrets } = await this.provider.begin({ anotherAccount: account === 'other' });
    const expiresAt = new Date(Date.now() + ATTEMPT_LIFE_MS);
    await this.attempts.addAttempt({ ...secrets, browser, purchaseId: isGuid(purchase) ? purchase : null, expiresAt });
    return reply.redirect(url.href, 302);
  }

  @Get('callback')
  async finish(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const query = (request.raw.url ?? '').split('?', 2)[1] ?? '';
    const state = new URLSearchParams(query).get('state')?.slice(0, STATE_LENGTH) ?? '';
    const browser = browserOf(request);
    const attempt = browser ? await this.attempts.takeAttempt(state, browser, new Date()) : undefined;
    if (!attempt) return this.pages.send(reply, 'signin-expired');
    const { purchaseId, ...secrets } = attempt;
    try {
      await this.sessions.begin(request, reply, await this.provider.finish(query, { state, ...secrets }));
    } catch (error) {
      if (!(error instanceof SigninRefused)) throw error;
      this.logger.warn({ err: error, outcome: 'refused' }, 'a sign-in did not succeed');
      return this.pages.send(reply, 'signin-refused', { purchaseId });
    }
    return reply.redirect(purchaseId ? `/purchase/${purchaseId}` : '/', 303);
  }
}
