import type { Person } from '@landfall/contracts';
import { actRequest, Marks, recordedAct, type ActRequest, type RecordedAct, type RequestMarks } from '@landfall/messaging';
import { Actor, RequiresRole } from '@landfall/service-defaults';
import { Body, Controller, Get, HttpCode, HttpStatus, Param, ParseUUIDPipe, Post, Query, Req } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiConflictResponse,
  ApiHeader,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { contactView, erasureView, personExport, type ContactView, type ErasureView, type PersonExport } from './contact.view';
import { PersonalData } from './personal.data';

const schemaOf = (view: z.ZodType) => z.toJSONSchema(view, { target: 'openapi-3.0' }) as object;
const whyAsked = ApiQuery({
  name: 'reason',
  description: 'Why it is looked at: kept with who looked',
  schema: { type: 'string', maxLength: 500 },
});

/** Whom to write to, and what a person may ask about their own data. Each look is recorded (`GET /operator-acts`). */
@ApiTags('contacts')
@ApiBearerAuth()
@Controller()
@RequiresRole('landfall.personal')
export class ContactController {
  constructor(private readonly personal: PersonalData) {}

  @Get('subscriptions/:id/contacts')
  @ApiOperation({ summary: 'Names and e-mail addresses of a subscription; the look is recorded' })
  @whyAsked
  @ApiOkResponse({ schema: schemaOf(z.array(contactView)) })
  @ApiBadRequestResponse({ description: 'No reason' })
  @ApiNotFoundResponse({ description: 'Landfall does not know this subscription' })
  contacts(
    @Param('id', ParseUUIDPipe) id: string,
    @Query({ schema: actRequest }) { reason }: ActRequest,
    @Actor() actor: Actor,
    @Req() request: FastifyRequest,
  ): Promise<ContactView[]> {
    return this.personal.ofSubscription(id.toLowerCase(), { actor: actor.subject, reason, correlationId: request.id });
  }

  @Get('contacts/:tenantId/:objectId/export')
  @ApiOperation({ summary: 'Everything that is held of a person; the look is recorded' })
  @whyAsked
  @ApiOkResponse({ schema: schemaOf(personExport) })
  @ApiBadRequestResponse({ description: 'No reason' })
  export(
    @Param('tenantId', ParseUUIDPipe) tenantId: string,
    @Param('objectId', ParseUUIDPipe) objectId: string,
    @Query({ schema: actRequest }) { reason }: ActRequest,
    @Actor() actor: Actor,
    @Req() request: FastifyRequest,
  ): Promise<PersonExport> {
    return this.personal.export(personOf(tenantId, objectId), { actor: actor.subject, reason, correlationId: request.id });
  }

  @Post('contacts/:tenantId/:objectId/erasure')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Erase what is personal of a person, in every service' })
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: 'The same act under the same key is done once, and answered alike' })
  @ApiOkResponse({ description: 'Its contact data is erased here, and the other services are told', schema: schemaOf(recordedAct) })
  @ApiBadRequestResponse({ description: 'No reason, or no Idempotency-Key' })
  @ApiConflictResponse({ description: 'It is too much for one erasure: code `REFUSED`' })
  erase(
    @Param('tenantId', ParseUUIDPipe) tenantId: string,
    @Param('objectId', ParseUUIDPipe) objectId: string,
    @Body({ schema: actRequest }) { reason }: ActRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.personal.erase(personOf(tenantId, objectId), { ...marks, reason, actor: actor.subject });
  }

  @Get('contacts/:tenantId/:objectId/erasures')
  @ApiOperation({ summary: 'How far the erasures of a person have come, the newest first' })
  @ApiOkResponse({ schema: schemaOf(z.array(erasureView)) })
  erasures(@Param('tenantId', ParseUUIDPipe) tenantId: string, @Param('objectId', ParseUUIDPipe) objectId: string): Promise<ErasureView[]> {
    return this.personal.erasures(personOf(tenantId, objectId));
  }
}

/** Ids are compared in one case. */
const personOf = (tenantId: string, objectId: string): Person => ({ tenantId: tenantId.toLowerCase(), objectId: objectId.toLowerCase() });
