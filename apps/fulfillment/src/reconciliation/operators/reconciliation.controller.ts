import { actRequest, Marks, recordedAct, type ActRequest, type RecordedAct, type RequestMarks } from '@landfall/messaging';
import { Actor, RequiresRole } from '@landfall/service-defaults';
import {
  applyDecorators,
  Body,
  Controller,
  Get,
  HttpCode,
  HttpStatus,
  NotFoundException,
  Param,
  ParseUUIDPipe,
  Post,
} from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiConflictResponse,
  ApiHeader,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { z } from 'zod';
import { ReconciliationActs } from './reconciliation.acts';
import { ReconciliationReader } from './reconciliation.reader';
import {
  reconciliationDetail,
  reconciliationPage,
  reconciliationRequest,
  type ReconciliationDetail,
  type ReconciliationRequest,
  type ReconciliationView,
} from './reconciliation.view';

const schemaOf = (view: z.ZodType) => z.toJSONSchema(view, { target: 'openapi-3.0' }) as object;

/** Sweeps over Microsoft's list: what they found, and what operators decide about it. */
@ApiTags('reconciliations')
@ApiBearerAuth()
@Controller('reconciliations')
export class ReconciliationController {
  constructor(
    private readonly reader: ReconciliationReader,
    private readonly acts: ReconciliationActs,
  ) {}

  @Get()
  @RequiresRole('landfall.read')
  @ApiOperation({ summary: 'The newest 50 sweeps over Microsoft’s list, the newest first' })
  @ApiOkResponse({ schema: schemaOf(reconciliationPage) })
  async list(): Promise<{ items: ReconciliationView[] }> {
    return { items: await this.reader.list() };
  }

  @Get(':id')
  @RequiresRole('landfall.read')
  @ApiOperation({ summary: 'One sweep: what it found, what is kept back, and what is missing' })
  @ApiOkResponse({ schema: schemaOf(reconciliationDetail) })
  @ApiNotFoundResponse({ description: 'There is no such sweep' })
  async find(@Param('id', ParseUUIDPipe) id: string): Promise<ReconciliationDetail> {
    const found = await this.reader.find(id);
    if (!found) throw new NotFoundException(`There is no reconciliation ${id}`);
    return found;
  }

  @Post()
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.OK)
  @DescribesAct('Sweep over the list of a registration now; one that is under way is joined. `after.reconciliation` is its id')
  begin(
    @Body({ schema: reconciliationRequest }) { registration, reason }: ReconciliationRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.acts.begin(registration, { ...marks, reason, actor: actor.subject });
  }

  @Post(':id/release')
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.OK)
  @DescribesAct('Let through what a sweep keeps back: subscriptions end here as Microsoft shows them, or unknown ones are imported')
  release(
    @Param('id', ParseUUIDPipe) id: string,
    @Body({ schema: actRequest }) { reason }: ActRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.acts.release(id.toLowerCase(), { ...marks, reason, actor: actor.subject });
  }

  @Post(':id/dismissal')
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.OK)
  @DescribesAct('Dismiss what a sweep keeps back: nothing ends, nothing is imported, and nobody is asked about these again')
  dismiss(
    @Param('id', ParseUUIDPipe) id: string,
    @Body({ schema: actRequest }) { reason }: ActRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.acts.dismiss(id.toLowerCase(), { ...marks, reason, actor: actor.subject });
  }
}

function DescribesAct(summary: string) {
  return applyDecorators(
    ApiOperation({ summary }),
    ApiHeader({ name: 'Idempotency-Key', required: true, description: 'The same act under the same key is done once, and answered alike' }),
    ApiOkResponse({ description: 'It is done, and this is its record', schema: schemaOf(recordedAct) }),
    ApiBadRequestResponse({ description: 'No reason, or no Idempotency-Key, or one out of its bounds' }),
    ApiNotFoundResponse({ description: 'There is no such sweep, or registration: code `NOT_FOUND`' }),
    ApiConflictResponse({ description: 'It asks nothing, or was answered; the detail says why: code `REFUSED`' }),
  );
}
