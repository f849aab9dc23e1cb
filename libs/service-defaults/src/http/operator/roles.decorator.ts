import { SetMetadata, type CustomDecorator } from '@nestjs/common';

/** From the least to the most: each may do what those before it may. */
const OPERATOR_ROLES = ['landfall.read', 'landfall.operate', 'landfall.admin'] as const;
/**
 * Beside that ladder, each alone: no other role has it, the highest neither. Who may see and erase what is personal, and who may report usage, which is a product and no operator.
 */
const ROLES_BESIDE = ['landfall.personal', 'landfall.usage'] as const;
export type OperatorRole = (typeof OPERATOR_ROLES)[number] | (typeof ROLES_BESIDE)[number];

export const REQUIRED_ROLE = Symbol('required role');

/** The least role that may call this handler, or all of this controller's; the handler's own goes first. A handler without one is closed to all. */
export const RequiresRole = (role: OperatorRole): CustomDecorator<symbol> => SetMetadata(REQUIRED_ROLE, role);

/** Whether roles, as a token lists them, reach the required one. Unknown ones count nothing. */
export function reaches(roles: readonly string[], required: OperatorRole): boolean {
  if (isBeside(required)) return roles.includes(required);
  return OPERATOR_ROLES.slice(OPERATOR_ROLES.indexOf(required)).some((role) => roles.includes(role));
}

const isBeside = (role: OperatorRole): role is (typeof ROLES_BESIDE)[number] => (ROLES_BESIDE as readonly OperatorRole[]).includes(role);
