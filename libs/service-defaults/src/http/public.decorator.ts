import { SetMetadata, type CustomDecorator } from '@nestjs/common';

export const PUBLIC = Symbol('public');

/** Lets anybody call this handler, or all of this controller's. The only exception from "deny". */
export const Public = (): CustomDecorator<symbol> => SetMetadata(PUBLIC, true);
