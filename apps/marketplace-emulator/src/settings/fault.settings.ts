import { faultProfile } from '../faults/profile/fault.profile';
import type { ValuesOf } from './field.kinds';

/** What goes wrong without a rule of one's own for each of it. */
export const faultSettings = {
  /** How unkind Microsoft's side is. Null: not at all. */
  faultProfile: faultProfile.nullable(),
};

export const faultDefaults: ValuesOf<typeof faultSettings> = {
  faultProfile: null,
};
