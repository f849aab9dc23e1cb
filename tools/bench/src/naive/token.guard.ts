import { Injectable, UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { config } from './naive.config';

/** Lets pass what Microsoft has signed for us. jose keeps the keys that it has read. */
@Injectable()
export class TokenGuard implements CanActivate {
  private readonly keys = createRemoteJWKSet(new URL(`${config.authorityUrl}/${config.tenantId}/discovery/v2.0/keys`));

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { authorization } = context.switchToHttp().getRequest<FastifyRequest>().headers;
    const token = authorization?.replace(/^Bearer /, '');
    if (!token) throw new UnauthorizedException();
    try {
      const { payload } = await jwtVerify(token, this.keys, {
        issuer: `${config.authorityUrl}/${config.tenantId}/v2.0`,
        audience: config.clientId,
        algorithms: ['RS256'],
      });
      if (payload['azp'] !== config.marketplaceAppId || payload['tid'] !== config.tenantId) throw new UnauthorizedException();
      return true;
    } catch {
      throw new UnauthorizedException();
    }
  }
}
