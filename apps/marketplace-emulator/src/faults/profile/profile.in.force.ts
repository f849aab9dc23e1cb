import type { SettingsRepository } from '../../settings/settings.repository';
import type { FaultRepository } from '../rule/fault.repository';
import { rulesOf } from './profile.rules';

/**
 * Keeps the rules of the fault profile that the settings name among the fault rules: from the start on, when the setting changes, and after
 * a reset or a snapshot has put other settings or other rules in their place.
 */
export function keepProfileInForce(settings: SettingsRepository, faults: FaultRepository): void {
  const apply = () => {
    const { faultProfile } = settings.current;
    faults.useProfile(faultProfile && JSON.stringify(faultProfile), faultProfile ? rulesOf(faultProfile) : []);
  };
  settings.onChange(apply);
  faults.whenLoaded(apply);
}
