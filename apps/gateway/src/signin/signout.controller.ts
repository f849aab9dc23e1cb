import { Public } from '@landfall/service-defaults';
import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { fieldOf } from '../form';
import { PageRenderer } from '../pages/page.renderer';
import { Sessions } from './sessions';

/** Ends the session here; the one at the identity service is the customer's own. */
@Public()
@Controller('signout')
export class SignoutController {
  constructor(
    private readonly sessions: Sessions,
    private readonly pages: PageRenderer,
  ) {}

  @Post()
  async end(@Body() form: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    if (!this.sessions.isProven(request, 'signout', fieldOf(form, 'proof'))) return this.pages.send(reply, 'form-expired');
    await this.sessions.end(request, reply);
    return this.pages.send(reply, 'signed-out');
  }
}
