import { Public } from '@landfall/service-defaults';
import { Controller, Get, Logger, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AddressBudget } from '../landing/address.budget';
import { PageRenderer } from '../pages/page.renderer';
import { isGuid } from '../purchase/purchase-id';
import { AttemptStore } from './attempt.store';
import { Sessions } from './sessions';
import { SigninProvider, SigninRefused } from './signin.provider';

const STATE_LENGTH = 200;

/** Sends customers to the identity service and takes them back. What must survive the way there is kept here, never in its address. */
@Public()
@UseGuards(AddressBudget)
@Controller('signin')
export class SigninController {
  private readonly logger = new Logger(SigninController.name);

  constructor(
    private readonly provider: SigninProvider,
    private readonly attempts: AttemptStore,
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
    const { url, secrets } = await this.provider.begin({ anotherAccount: account === 'other' });
    await this.attempts.keep(request, reply, secrets, isGuid(purchase) ? purchase : null);
    return reply.redirect(url.href, 302);
  }

  @Get('callback')
  async finish(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const query = (request.raw.url ?? '').split('?', 2)[1] ?? '';
    const state = new URLSearchParams(query).get('state')?.slice(0, STATE_LENGTH) ?? '';
    const attempt = await this.attempts.take(request, reply, state);
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
