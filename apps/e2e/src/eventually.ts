/** How long a step may take before a test gives up. Generous: two cores are shared with a browser, a broker, a database, and whatever else the machine does. */
export const patience = 90_000;

/** Asks again until the check passes, and reports its last failure when patience ends. */
export async function eventually<T>(check: () => Promise<T> | T, limitMs = patience): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
