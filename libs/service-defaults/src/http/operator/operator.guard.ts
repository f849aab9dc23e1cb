import {
  ForbiddenException,
  Injectable,
  ServiceUnavailableException,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { rememberActor, type Actor } from './actor.decorator';
import { IssuerKeys } from '../issuer.keys';
import { TokenRefused, verifyOperatorToken } from './operator.token';
import { PUBLIC } from '../public.decorator';
import { reaches, REQUIRED_ROLE, type OperatorRole } from './roles.decorator';

const BEARER = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i;

export interface OperatorSettings {
  authorityUrl: string | undefined;
  audience: string | undefined;
}

/**
 * Denies every HTTP request whose handler is not `@Public()` and whose caller does not prove the role that the handler names. 401: who are
 * you? 403: not you. 503: we cannot tell now. A message from Kafka has no caller and passes.
 */
@Injectable()
export class OperatorGuard implements CanActivate {
  private readonly keys: IssuerKeys | undefined;

  constructor(
    private readonly reflector: Reflector,
    private readonly settings: OperatorSettings,
  ) {
    this.keys = settings.authorityUrl === undefined ? undefined : new IssuerKeys(settings.authorityUrl);
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const places = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC, places)) return true;

    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const actor = await this.identify(request.headers.authorization);
    const required = this.reflector.getAllAndOverride<OperatorRole | undefined>(REQUIRED_ROLE, places);
    if (required === undefined) throw new ForbiddenException('This endpoint is closed: it names no role that may call it');
    if (!reaches(actor.roles, required)) throw new ForbiddenException(`This needs the role ${required}`);
    rememberActor(request, actor);
    return true;
  }

  /** @throws KeysUnreachable, which the filter answers with 503 */
  private async identify(authorization: string | undefined): Promise<Actor> {
    const token = BEARER.exec(authorization ?? '')?.[1];
    if (token === undefined) throw new UnauthorizedException('A bearer token of an operator is needed');
    if (!this.keys || this.settings.audience === undefined)
      throw new ServiceUnavailableException('Operators cannot be identified: OPERATORS_AUTHORITY_URL and OPERATORS_AUDIENCE are not set');
    try {
      return await verifyOperatorToken(token, this.settings.audience, this.keys);
    } catch (error) {
      if (error instanceof TokenRefused) throw new UnauthorizedException(error.message);
      throw error;
    }
  }
}
