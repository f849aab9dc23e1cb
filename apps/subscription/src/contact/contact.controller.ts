import type { Person } from '@landfall/contracts';
import { actRequest, documentation, Marks, type ActRequest, type RecordedAct, type RequestMarks } from '@landfall/messaging';
import { Actor, DescribedBy, ManagementController, ParseId, RequiresRole } from '@landfall/service-defaults';
import { Body, Get, HttpCode, HttpStatus, Param, Post, Query, Req, type Type } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { contactView, erasureView, personExport, type ContactView, type ErasureView, type PersonExport } from './contact.view';
import { PersonalData } from './personal.data';

function describeContacts(controller: Type): void {
  const { describe, describesAct, describesOne, describesSome, whereKnown } = documentation();
  const handlers = {
    contacts: [
      ...describesSome('Names and e-mail addresses of a subscription; the look is recorded', contactView),
      whereKnown('subscription'),
    ],
    export: describesOne('Everything that is held of a person; the look is recorded', personExport),
    erase: describesAct(
      'Erase what is personal of a person: contact data here and at once, the rest in every service within seconds',
      'It is too much for one erasure: code `REFUSED`',
    ),
    erasures: describesSome('How far the erasures of a person have come, the newest hundred, the newest first', erasureView),
  };
  describe(controller, handlers, 'contacts');
}

/** Whom to write to, and what a person may ask about their own data. Each look at that is recorded (`GET /operator-acts`); how far an erasure has come shows none of it. */
@DescribedBy(describeContacts)
@ManagementController('')
@RequiresRole('landfall.personal')
export class ContactController {
  constructor(private readonly personal: PersonalData) {}

  @Get('subscriptions/:id/contacts')
  contacts(
    @Param('id', ParseId) id: string,
    @Query({ schema: actRequest }) { reason }: ActRequest,
    @Actor() actor: Actor,
    @Req() request: FastifyRequest,
  ): Promise<ContactView[]> {
    return this.personal.ofSubscription(id.toLowerCase(), { actor: actor.subject, reason, correlationId: request.id });
  }

  @Get('contacts/:tenantId/:objectId/export')
  export(
    @Param('tenantId', ParseId) tenantId: string,
    @Param('objectId', ParseId) objectId: string,
    @Query({ schema: actRequest }) { reason }: ActRequest,
    @Actor() actor: Actor,
    @Req() request: FastifyRequest,
  ): Promise<PersonExport> {
    return this.personal.export(personOf(tenantId, objectId), { actor: actor.subject, reason, correlationId: request.id });
  }

  @Post('contacts/:tenantId/:objectId/erasure')
  @HttpCode(HttpStatus.OK)
  erase(
    @Param('tenantId', ParseId) tenantId: string,
    @Param('objectId', ParseId) objectId: string,
    @Body({ schema: actRequest }) { reason }: ActRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.personal.erase(personOf(tenantId, objectId), { ...marks, reason, actor: actor.subject });
  }

  @Get('contacts/:tenantId/:objectId/erasures')
  erasures(@Param('tenantId', ParseId) tenantId: string, @Param('objectId', ParseId) objectId: string): Promise<ErasureView[]> {
    return this.personal.erasures(personOf(tenantId, objectId));
  }
}

/** Ids are compared in one case. */
const personOf = (tenantId: string, objectId: string): Person => ({ tenantId: tenantId.toLowerCase(), objectId: objectId.toLowerCase() });
