import { SetMetadata, type CustomDecorator } from '@nestjs/common';

/** From the least to the most: each may do what those before it may. */
const OPERATOR_ROLES = ['landfall.read', 'landfall.operate', 'landfall.admin'] as const;
/** Beside that ladder: who may see and erase what is personal. No other role has it, the highest neither. */
const PERSONAL_ROLE = 'landfall.personal';
export type OperatorRole = (typeof OPERATOR_ROLES)[number] | typeof PERSONAL_ROLE;

export const REQUIRED_ROLE = Symbol('required role');

/** The least role that may call this handler, or all of this controller's; the handler's own goes first. A handler without one is closed to all. */
export const RequiresRole = (role: OperatorRole): CustomDecorator<symbol> => SetMetadata(REQUIRED_ROLE, role);

/** Whether roles, as a token lists them, reach the required one. Unknown ones count nothing. */
export function reaches(roles: readonly string[], required: OperatorRole): boolean {
  if (required === PERSONAL_ROLE) return roles.includes(PERSONAL_ROLE);
  return OPERATOR_ROLES.slice(OPERATOR_ROLES.indexOf(required)).some((role) => roles.includes(role));
}
