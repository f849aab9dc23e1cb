import { randomUUID } from 'node:crypto';
import { Keyring, Public } from '@landfall/service-defaults';
import { Controller, Get, Param, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PageRenderer } from '../pages/page.renderer';
import { Registrations } from '../registrations';
import { AddressBudget } from './address.budget';
import { LandingStore } from './landing.store';
import { purchaseTokenOf } from './purchase-token';

/**
 * Where customers arrive from Microsoft (contract 5.5). The token is encrypted for fulfillment at once and the browser sent on to a clean
 * address, so that the token is in no history, no referrer and no log. A GET decides and stores nothing: prefetchers and scanners may call
 * it as they like.
 */
@Public()
@Controller()
export class LandingController {
  constructor(
    private readonly landings: LandingStore,
    private readonly keyring: Keyring,
    private readonly pages: PageRenderer,
    private readonly registrations: Registrations,
  ) {}

  @Get()
  home(@Res() reply: FastifyReply) {
    return this.pages.send(reply, 'home');
  }

  @Get('landing')
  @UseGuards(AddressBudget)
  arrive(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.arriveAt(undefined, request, reply);
  }

  @Get('landing/:registration')
  @UseGuards(AddressBudget)
  async arriveAt(@Param('registration') name: string | undefined, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const registration = this.registrations.find(name);
    if (!registration) return this.pages.send(reply, 'not-found');
    const query = purchaseTokenOf(request.raw.url ?? '');
    if (query.kind === 'none') return this.pages.send(reply, 'home');
    if (query.kind === 'damaged') return this.pages.send(reply, 'link-damaged');
    const purchaseId = randomUUID();
    const encryptedToken = await this.keyring.encryptFor('fulfillment', query.token);
    this.landings.keep(request, reply, { purchaseId, registration: registration.name, encryptedToken });
    return reply.redirect(`/purchase/${purchaseId}`, 303);
  }
}
