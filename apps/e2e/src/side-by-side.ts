type Journey = () => Promise<void>;

/** As jest's `it`. */
export type DeclareJourney = (title: string, journey: Journey) => void;

/**
 * Journeys that begin together, since each waits for Microsoft most of its time, and are reported one by one. None of them may change what the others rely on, such as a
 * setting of the emulator or its time.
 */
export function sideBySide(declareAll: (it: DeclareJourney) => void): void {
  const begun: Promise<void>[] = [];
  const journeys: Journey[] = [];
  beforeAll(() => {
    for (const journey of journeys) begun.push(journey());
    for (const running of begun) running.catch(() => undefined); // its own test tells it
  });
  declareAll((title, journey) => {
    const place = journeys.push(journey) - 1;
    it(title, () => begun[place]!);
  });
}
